//! Open invitations, as those see them who look after a library's people.

use vignette_model::{ErrorCode, Problem};

use crate::library::Library;
use crate::rules::{Action, Actor, may};
use crate::store::InvitationRow;

/// Names an invitation without being its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationId(pub i64);

impl Library {
    /// The invitations with which somebody can still make an account, oldest first.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<InvitationRow>, Problem> {
        may(actor, Action::ManagePeople, None)?;
        Ok(self.store().invitations(self.now()).await?)
    }

    /// Ends an invitation: its link opens nothing from now on.
    ///
    /// # Errors
    /// As [`Library::invitations`]; `not_found` if it is not open any more.
    pub async fn revoke_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), Problem> {
        may(actor, Action::ManagePeople, None)?;
        if !self.store().revoke_invitation(id).await? {
            let gone = Problem::new(ErrorCode::NotFound, "There is no such invitation.");
            return Err(gone.with_help("It may have been used or revoked: look at the list of those that are open."));
        }
        tracing::info!(invitation.id = id.0, "An invitation was revoked");
        Ok(())
    }
}

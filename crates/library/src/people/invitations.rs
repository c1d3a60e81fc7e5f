//! Open invitations, listed and revoked by administrators.

use crate::actor::Actor;
use crate::error::{LibraryError, Missing};
use crate::library::Library;
use crate::rules::{Action, Resource, may};
use crate::store::{InvitationId, InvitationRow};

impl Library {
    /// The invitations with which somebody can still make an account, oldest first.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<InvitationRow>, LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        Ok(self.store().invitations(self.now()).await?)
    }

    /// Ends an invitation: its link opens nothing from now on.
    ///
    /// # Errors
    /// As [`Library::invitations`]; `not_found` if it is not open any more.
    pub async fn revoke_invitation(
        &self,
        actor: &Actor,
        id: InvitationId,
    ) -> Result<(), LibraryError> {
        may(actor, Action::ManagePeople, Resource::Library)?;
        if !self.store().revoke_invitation(id).await? {
            return Err(LibraryError::NotFound(Missing::Invitation));
        }
        tracing::info!(invitation.id = id.0, "An invitation was revoked");
        Ok(())
    }
}

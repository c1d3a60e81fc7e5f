//! What every [`Store`](crate::store::Store) and every [`Media`](crate::media::Media) has to do, as
//! suites for the tests of an implementation. A suite is a list of promises; each is a function
//! whose name says it, and each gets a store of its own, so that a failure names what is broken and
//! hides nothing else.
//!
//! ```ignore
//! // In the tests of an implementation; the expression gives a new, empty store and what has to
//! // live as long as it does (its folder).
//! vignette_library::store_contract!(in_memory, (MyStore::in_memory().await.unwrap(), ()));
//! vignette_library::media_contract!(my_media, (MyMedia::default(), ()));
//! ```
#![expect(clippy::unwrap_used, reason = "a suite is a test")]
#![expect(missing_docs, reason = "the name of a promise says what it promises")]

mod access;
mod accounts;
mod appends;
mod clips;
mod fixture;
mod invitations;
mod jobs;
mod media;
mod naming;
mod reactions;
mod replies;
mod rights;
mod sealing;
mod search;
mod transcript;
mod watching;

/// Makes a test of each promise of a store, in a module of the first argument's name. The second
/// is an expression, evaluated in an asynchronous function for each test: a new, empty store and
/// what has to be kept as long as it.
///
/// The list is written once, here: a promise that is not in it is dead code, and does not compile.
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $open:expr) => {
        $crate::store_contract! { @promises tests $name, $open }
    };
    (@promises $what:ident $($with:tt)*) => {
        $crate::store_contract! { @$what [$($with)*]
            invitations {
                a_set_up_secret_ends_the_one_before,
                a_set_up_secret_makes_the_first_account_and_no_other,
                nothing_sets_up_what_is_set_up,
                the_first_account_is_made_once,
                an_invitation_adds_one_person,
                an_invitation_ends,
                an_invitation_outlives_a_login_that_was_taken,
                a_login_that_looks_like_anothers_is_taken,
                two_people_may_share_a_name,
                names_of_people_are_told_from_those_that_look_like_them,
                open_invitations_are_listed_with_who_gave_them,
                a_revoked_invitation_opens_nothing,
                what_has_ended_is_purged,
            }
            accounts {
                a_new_password_ends_all_but_tokens_and_the_session_that_chose_it,
                a_new_password_ends_tokens_too_if_asked,
                a_reset_link_works_once_and_for_its_own_person,
                a_new_reset_link_ends_the_one_before,
                the_last_administrator_stays,
                invitations_end_with_the_role_of_who_gave_them,
                a_suspended_account_opens_nothing,
                a_resumed_account_has_its_tokens_and_uploads_again,
                uploads_end_with_the_tokens_that_began_them,
                what_ends_is_noticed_once,
                who_leaves_keeps_a_name_beside_what_they_made,
                name_and_login_of_who_left_are_free,
                a_new_name_replaces_the_one_before,
                people_are_listed_with_what_opens_the_library_for_them,
            }
            naming {
                a_library_has_the_name_it_was_given_last,
            }
            access {
                a_session_ends,
                a_session_is_lengthened_and_confirmed,
                sessions_are_listed_the_last_used_first,
                a_session_is_ended_by_its_own_person,
                a_token_says_when_it_was_used,
                tokens_are_listed_the_newest_first,
                a_token_is_ended_by_its_own_person,
                signing_out_ends_a_session_or_a_token,
                a_code_works_once,
                a_device_is_known_for_who_signed_in_from_it,
                the_oldest_device_gives_way,
            }
            clips {
                a_clip_begins_as_a_recording,
                text_is_text,
                the_same_take_gives_the_same_clip_and_a_new_upload_secret,
                a_clip_is_found_by_id_and_by_key,
                a_change_leaves_the_rest_as_it_was,
                a_replaced_key_finds_nothing,
                clips_are_listed_in_pages_the_newest_first,
                a_deleted_clip_takes_all_its_rows_along,
                an_upload_of_its_own_begins_as_stopped,
                the_length_of_an_upload_is_noted_once,
                an_upload_keeps_what_its_sender_says_of_it,
            }
            appends {
                an_append_moves_the_offset_and_adds_fragments,
                an_append_at_another_offset_changes_nothing,
                nothing_follows_the_end_of_a_stream,
                of_many_appends_at_one_offset_one_wins,
                an_upload_that_falls_silent_is_interrupted_once,
                an_append_ends_an_interruption,
                an_upload_that_was_given_up_is_over,
                what_is_complete_is_not_interrupted,
                a_range_is_read_by_its_extents,
                an_upload_knows_where_its_stream_ends_and_in_what_state,
            }
            sealing {
                a_whole_stream_is_sealed_and_lies_in_the_sealed_object,
                an_interrupted_clip_goes_on_where_it_lies,
                a_complete_clip_stays_sealed,
                a_damaged_clip_is_not_sealed,
                a_cleaning_ends_appends_that_began_before_it,
            }
            jobs {
                a_job_is_stored_with_its_cause,
                a_job_is_stored_once,
                a_claimed_job_is_claimed_by_nobody_else,
                of_many_workers_each_job_has_one,
                a_job_that_is_enqueued_while_it_runs_is_due_again,
                a_job_that_failed_waits_and_says_why,
                jobs_are_claimed_in_the_order_in_which_they_are_due,
                no_job_waits_for_a_clock_that_was_set_back,
                a_job_is_retried_when_the_operator_says_so,
            }
            replies {
                a_reply_is_kept_as_it_was_written,
                a_reply_keeps_its_range_and_its_shape,
                writers_of_one_name_are_told_apart,
                a_parent_is_a_reply_to_the_same_clip,
                a_changed_reply_has_another_text_and_time,
                a_clip_has_room_for_so_many_replies_and_bytes,
                guests_have_a_part_of_the_room,
                follow_ups_go_with_their_reply,
                threads_are_in_the_order_of_their_moments,
                replies_come_in_pages,
            }
            reactions {
                a_reaction_is_kept_as_it_was_made,
                each_has_one_reaction_of_a_kind_at_a_moment,
                a_clip_has_room_for_so_many_reactions,
            }
            rights {
                what_is_listed_and_found_is_what_the_rules_let_the_viewer_see,
                what_one_may_not_read_starves_no_page,
            }
            watching {
                what_is_watched_is_kept_for_each_person,
                what_was_finished_stays_finished,
                a_clip_is_new_until_it_is_opened,
                replies_are_new_until_the_clip_is_open_again,
                what_was_there_before_one_joined_is_not_new,
                what_is_selected_is_listed_in_pages,
                what_was_watched_goes_with_clip_and_person,
                who_replied_is_said_once_the_last_first,
                authors_of_one_name_are_told_apart,
            }
            transcript {
                what_is_written_is_read,
                one_writer_over_a_version_wins,
                of_many_writers_at_once_one_wins,
                what_is_hidden_is_not_counted_as_shown,
                a_transcript_goes_with_its_clip,
                a_machine_writes_where_no_person_did,
                what_a_person_emptied_stays_empty,
            }
            search {
                titles_summaries_cues_and_replies_are_found,
                what_a_person_took_out_is_not_found,
                what_markdown_hides_is_not_found,
                case_and_accents_do_not_matter,
                a_word_is_a_whole_word_unless_it_is_only_begun,
                a_phrase_is_its_words_in_this_order,
                all_terms_stand_in_one_passage,
                what_is_neither_letter_nor_digit_separates_words,
                nothing_that_somebody_types_is_an_error,
                a_snippet_sets_apart_what_matches,
                a_title_comes_before_a_sentence_of_many,
                few_of_a_kind_are_found_in_each_clip,
                pages_neither_overlap_nor_leave_out,
                what_was_changed_or_deleted_is_found_no_more,
                what_is_found_is_what_a_look_at_all_rows_finds,
            }
        }
    };
    (@tests [$name:ident, $open:expr] $($part:ident { $($promise:ident,)* })*) => {
        mod $name {
            use super::*;
            $(
                mod $part {
                    use super::*;
                    $(
                        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                        async fn $promise() {
                            let (tested, _kept) = $open;
                            $crate::contract::promises::$part::$promise(&tested).await;
                        }
                    )*
                }
            )*
        }
    };
    (@exports [] $($part:ident { $($promise:ident,)* })*) => {
        $(
            pub mod $part {
                pub use $crate::contract::$part::{$($promise),*};
            }
        )*
    };
}

/// The same for media: a test of each promise, on media of its own.
#[macro_export]
macro_rules! media_contract {
    ($name:ident, $open:expr) => {
        $crate::media_contract! { @promises tests $name, $open }
    };
    (@promises $what:ident $($with:tt)*) => {
        $crate::store_contract! { @$what [$($with)*]
            media {
                a_clip_begins_with_nothing,
                an_extent_says_which_bytes_it_holds,
                any_range_is_read,
                a_stream_is_read_in_small_pieces,
                clips_do_not_touch_each_other,
                what_is_not_there_is_not_read,
                of_two_appends_at_one_offset_either_may_count,
                an_append_that_does_not_count_harms_nothing,
                each_of_many_appends_at_once_has_its_own_bytes,
                a_sealed_object_is_the_header_and_the_stream,
                a_stream_is_sealed_whole_or_not_at_all,
                what_is_removed_is_read_to_its_end_and_then_not_found,
                a_stream_goes_on_from_a_sealed_object,
                a_poster_replaces_the_one_before,
                a_deleted_clip_leaves_nothing_and_no_other_clip_changes,
            }
        }
    };
}

/// The promises, by what they are about.
pub mod promises {
    store_contract! { @promises exports }
    media_contract! { @promises exports }
}

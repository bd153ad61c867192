// The engine's limits and paces, each with its reason. What is refused at a limit is said to the
// person, or counted; nothing a person wrote is ever dropped because of one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto::peer::engine {

// --- how much is kept --------------------------------------------------------------------------

// A person knows a few hundred; a bot or a club's secretary a few thousand.
inline constexpr std::size_t contacts_max = 10'000;
// Of them, those who only asked: requests that wait or were ignored. Half: however many ask, there
// is room for whom the person wants to add.
inline constexpr std::size_t strangers_max = contacts_max / 2;
// Requests nobody answered yet. More than a person reads; each costs a session (about 2 KB).
inline constexpr std::size_t pending_requests_max = 200;
// Mail that cannot be taken now (no room for a request or for a handshake, a clock that is wrong):
// so much stays with the server. An eighth of what it sends without an acknowledgement, so that the
// rest can always come. What is beyond it is acknowledged: who wrote it has no receipt and sends it
// anew, or asks again the next day, while a full window would keep back the mail of everybody.
inline constexpr std::size_t mail_withheld_max = 8;
// Envelopes not yet received by everybody. A bot that writes to 10,000 contacts twice fits.
inline constexpr std::size_t outbox_entries_max = 20'000;
// Of them, all plaintext and ciphertext together: 1,000 of the largest texts.
inline constexpr std::size_t outbox_bytes_max = 64U * 1024 * 1024;
// One account may take a quarter of either: 5,000 envelopes or 250 of the largest texts to somebody
// who is away, and a contact who never takes anything leaves room for all the others.
inline constexpr std::size_t outbox_share = 4;
// Delivered messages still waiting to be read: the newest per device. Older ones stay "delivered",
// which is true; their read receipt is not awaited any more.
inline constexpr std::size_t awaiting_read_max = 1'000;
// docs/protocol.md 2.9.
inline constexpr std::size_t receive_only_sessions_max = 4;
inline constexpr std::uint64_t receive_only_session_ms = 14ULL * 24 * 3600 * 1000;
// Own one-time prekeys kept: what the server may hold (100) plus those on their way, threefold.
inline constexpr std::size_t one_time_kept_max = 300;
// Unread marks per device; neighbours are merged beyond it.
inline constexpr std::size_t unread_marks_max = 128;
// Floors kept of devices a contact has removed: four times as many as a list has.
inline constexpr std::size_t former_devices_max = 32;
// Lists a contact may accuse us of, or show of himself, before he is only counted: an honest one
// finds one in a life.
inline constexpr std::size_t lists_told_max = 8;
// Own device lists remembered: one a month, for ten years and more.
inline constexpr std::size_t own_lists_max = 128;
// Message ids remembered per contact to recognise one that comes again under another number.
inline constexpr std::size_t recent_ids_max = 64;
// Messages of a device whose repetition is recognised by their last bytes: as many as fit on a
// link.
inline constexpr std::size_t recent_messages_max = 256;
// Accepted handshakes remembered; each lives as long as its signed prekey (35 days).
inline constexpr std::size_t handshakes_seen_max = 20'000;

// --- how much is in flight ---------------------------------------------------------------------

// Encrypted for one device and not yet received there. A ratchet skips at most 2,000 messages of a
// chain; the other 500 are left to receipts and endpoints, which are not counted.
inline constexpr std::size_t lane_window = 1'500;
// Frames on a direct link without acknowledgement; also bounds an acknowledgement frame.
inline constexpr std::size_t link_window = 256;
// PutMails without an answer, over all recipients: 128 x 64 KiB is what a socket may park.
inline constexpr std::size_t puts_in_flight_max = 128;
inline constexpr std::size_t requests_in_flight_max = 512;

// --- paces -------------------------------------------------------------------------------------

// A rendezvous answers in milliseconds; 10 s covers a disk that stalls and a slow mobile link.
inline constexpr std::uint64_t request_timeout_ms = 10'000;
inline constexpr std::uint64_t login_retry_first_ms = 500;
inline constexpr std::uint64_t login_retry_max_ms = 60'000;
// A session that lasted so long was a good one: the next back-off begins anew.
inline constexpr std::uint64_t session_good_ms = 60'000;
// A registration somebody waits for: two request time-outs.
inline constexpr std::uint64_t registration_timeout_ms = 20'000;
// Another password: the request, and twice again to learn what became of a lost one.
inline constexpr std::uint64_t password_change_timeout_ms = 45'000;
// With work to do first: as long as its challenge lives.
inline constexpr std::uint64_t registration_work_timeout_ms = 60'000;
// Without any answer for this long, a connection that says it is up is replaced (two missed pings).
inline constexpr std::uint64_t pong_overdue_ms = 20'000;

// What the server refuses, and what it does not take, is sent again at this pace.
inline constexpr std::uint64_t resend_first_ms = 1'000;
inline constexpr std::uint64_t resend_max_ms = 300'000;
// A rendezvous that names a longer wait is not believed further.
inline constexpr std::uint64_t retry_after_max_ms = 24ULL * 3600 * 1000;
// A token that is refused is tried again with one envelope: after 5 min, doubling to 6 h, which is
// how soon a contact who is back can be missed. Their coming online is worth one try a minute.
inline constexpr std::uint64_t token_retry_first_ms = 300'000;
inline constexpr std::uint64_t token_retry_max_ms = 6ULL * 3600 * 1000;
inline constexpr std::uint64_t token_retry_pace_ms = 60'000;
// Stored with the server or acknowledged by a link, but without a receipt: offered again.
inline constexpr std::uint64_t unreceipted_retry_first_ms = 30'000;
inline constexpr std::uint64_t unreceipted_retry_max_ms = 3'600'000;
// Offered again to whom we do not see, because presence is hidden or the list of watched accounts
// is full: what the rendezvous lost, or what became unreadable, arrives a day later.
inline constexpr std::uint64_t reoffer_ms = 24ULL * 3600 * 1000;
// A receipt that leaves a hole: how long the message of the hole may still be under way. Doubling
// while holes stay holes, for each offer encrypts all of them.
inline constexpr std::uint64_t hole_patience_ms = 5'000;
inline constexpr std::uint64_t bundle_retry_first_ms = 2'000;
inline constexpr std::uint64_t bundle_retry_max_ms = 600'000;
// So often in a row the server must say that it does not know an account, and a message must be a
// day old, before the message fails: five answers are a minute of asking.
inline constexpr unsigned bundles_not_found_max = 5;
inline constexpr std::uint64_t unknown_account_ms = 24ULL * 3600 * 1000;
// Keys just fetched are not fetched again for being old.
inline constexpr std::uint64_t bundle_pace_ms = 600'000;
// Over a direct link: after the message was shown, which it would delay by a key agreement, and one
// for all that came within a millisecond.
inline constexpr std::uint64_t direct_receipt_delay_ms = 1;
// Receipts through a mailbox: late and together, so that they tell less about when somebody reads.
inline constexpr std::uint64_t mailbox_receipt_delay_max_ms = 5'000;
// How long changes that repair themselves (a receipt was sent) may wait for another save.
inline constexpr std::uint64_t lazy_save_ms = 2'000;
// Undeliverable mail leaves the server after 14 days; so the message failed.
inline constexpr std::uint64_t message_expiry_ms = 14ULL * 24 * 3600 * 1000;

// Direct links: figures of docs/protocol.md 2.11 and what others use for NAT-bound links.
inline constexpr std::uint64_t link_ack_timeout_ms = 2'000;
inline constexpr std::uint64_t heartbeat_ms = 3'000;
inline constexpr std::uint64_t link_suspect_ms = 6'500;
inline constexpr std::uint64_t link_dead_ms = 15'000;
// A link that did not live so long does not end a back-off, and all that was parked does not go
// over the next one again.
inline constexpr std::uint64_t link_settled_ms = 60'000;
inline constexpr std::uint64_t second_dialer_delay_ms = 1'500;
inline constexpr std::uint64_t dial_retry_first_ms = 2'000;
inline constexpr std::uint64_t dial_retry_max_ms = 120'000;
// Dials in a row to somebody the rendezvous does not show as online: then wait until it does.
inline constexpr unsigned dials_unseen_max = 4;
inline constexpr std::uint64_t offer_retry_first_ms = 5'000;
inline constexpr std::uint64_t offer_retry_max_ms = 300'000;
inline constexpr std::uint64_t endpoint_validity_ms = 24ULL * 3600 * 1000;
inline constexpr std::uint64_t listener_epoch_ms = 20ULL * 3600 * 1000;

inline constexpr std::uint64_t maintenance_ms = 3'600'000;
inline constexpr std::uint64_t token_rotation_ms = 7ULL * 24 * 3600 * 1000;
inline constexpr std::uint64_t session_reset_pace_ms = 3'600'000;
// A new session is begun after a random part of this: both sides may notice at the same moment, and
// so may all contacts of a device that lost its state. Longer than a key agreement over the relay
// takes, so that mostly the first is the only one; short for a person who waits.
inline constexpr std::uint64_t reset_delay_max_ms = 5'000;
// Before the server was heard, our clock is believed for so long after it last was: a wrong one
// then destroys only what is older than all mail that may still wait.
inline constexpr std::uint64_t undated_max_ms = 14ULL * 24 * 3600 * 1000;

// So many offers without a receipt, to a device that seems to be there: 30 s, 60 s and 120 s, or as
// many days, until a new session is tried.
inline constexpr unsigned offers_unheard_max = 3;

// Each start-over encrypts up to lane_window envelopes anew; an honest device asks once an hour.
inline constexpr std::uint64_t start_over_pace_ms = 60'000;
// New one-time prekeys: fifty key pairs and a hundred rows each time the server says it has none.
inline constexpr std::uint64_t one_time_pace_ms = 60'000;
// New sessions one account may start: at once, and then one in so many ms (72 a day). An honest
// device starts one per reset, at most one an hour; each is remembered for 35 days.
inline constexpr std::uint64_t handshakes_burst = 32;
inline constexpr std::uint64_t handshake_pace_ms = 1'200'000;

// A contact who claims to have received numbers above ours is believed up to here: half of what an
// envelope can carry, so that his word alone cannot use them up.
inline constexpr std::uint64_t believed_number_max = 1ULL << 47U;

// How far numbers jump when an old database was put back: more than a device uses in two years.
inline constexpr std::uint32_t rollback_skip = 100'000;

// The server takes one request a day from each to each.
inline constexpr std::uint64_t token_request_pace_ms = 6ULL * 3600 * 1000;

// A contact request without an answer is made again daily (reoffer_ms) for as long as mail waits,
// and weekly from then on: of one sender the server takes 20 a day for all.
inline constexpr std::uint64_t request_daily_ms = message_expiry_ms;
inline constexpr std::uint64_t request_late_pace_ms = 7ULL * 24 * 3600 * 1000;

// A contact who asks again is answered again at most once an hour: his question costs him nothing.
inline constexpr std::uint64_t accept_pace_ms = 3'600'000;

// A hole among a contact's messages is told to the person after this time. Long: one that went over
// a link that broke comes when its sender is there again; "missing" should stay true.
inline constexpr std::uint64_t gap_patience_ms = 3'600'000;
static_assert(gap_patience_ms >= unreceipted_retry_max_ms, "its sender has offered it once more");
// After a log-in, at least so long: the mail that waited fills holes first.
inline constexpr std::uint64_t gap_settle_ms = 60'000;
// So often the server may give an older device list than the contact says there is (asked every ten
// minutes), before the person is told: it may not have had the new one yet.
inline constexpr unsigned list_withheld_max = 3;

// Typing says nothing new within this time.
inline constexpr std::uint64_t typing_pace_ms = 1'000;

// Rows are numbered in steps, so that a message that arrives late finds room in front of the one it
// precedes (docs/protocol-envelope.md).
inline constexpr std::uint64_t row_step = 1ULL << 20U;

}  // namespace sotto::peer::engine

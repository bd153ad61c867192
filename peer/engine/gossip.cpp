#include "peer/engine/gossip.hpp"

#include "peer/engine/limits.hpp"

#include <algorithm>

namespace sotto::peer::engine {
namespace {

// Fetching a stranger's list would tell, before anybody accepted, that and when we opened the
// request: to the rendezvous, and with the very token the stranger chose.
bool concerns_us(const ContactRecord& record) {
    return record.view.state == ContactState::accepted ||
           record.view.state == ContactState::request_sent;
}

// True once for each list, and for so many.
bool note(std::vector<crypto::GossipMark>& told, const crypto::GossipMark& mark) {
    const bool known = std::find(told.begin(), told.end(), mark) != told.end();
    if (known || told.size() >= lists_told_max) return false;
    told.push_back(mark);
    return true;
}

crypto::GossipMark gossip_mark(const crypto::DevList& list) {
    return crypto::gossip_of(crypto::mark_of(list));
}

}  // namespace

bool Gossip::heard(const Turn& turn, ContactRecord& record, const Heard& marks) {
    if (!concerns_us(record)) return false;
    compare_ours(turn, record, marks);
    return compare_theirs(record, marks.theirs);
}

// Before the rendezvous has told us of newer lists of our own, an older copy of this profile would
// take them for somebody else's.
void Gossip::compare_ours(const Turn& turn, ContactRecord& record, const Heard& marks) {
    if (!account_.confirmed() || marks.ours.seq == 0) return;  // 0: they hold none
    switch (account_.judge_claim(marks.ours)) {
        case Account::ListClaim::newest:
            record.followed.behind = 0;
            return;
        case Account::ListClaim::older:
            return behind(turn, record, marks);
        case Account::ListClaim::not_ours:
            break;
    }
    ++counters_.own_lists_disputed;
    if (!note(record.told.of_ours, marks.ours)) return;
    contacts_.touch(record);
    alarm_ = true;
    findings_.emplace_back(record.view.account, Notice{.kind = NoticeKind::own_list_disputed});
}

// They have envelopes that name our newer list, and could have fetched it: told when that has
// lasted for half an hour.
void Gossip::behind(const Turn& turn, ContactRecord& record, const Heard& marks) {
    ListFollowed& followed = record.followed;
    const std::uint64_t newest = account_.gossip().seq;
    if (followed.seq != newest) followed = {.seq = newest, .number = record.next_seq};
    const bool told = marks.receipted >= followed.number && marks.receipted < record.next_seq;
    const bool too_soon =
        followed.counted_at && turn.now.mono.ms < followed.counted_at->ms + bundle_pace_ms;
    if (!told || too_soon) return;
    followed.counted_at = turn.now.mono;
    if (++followed.behind != list_withheld_max + 1) return;
    findings_.emplace_back(record.view.account, Notice{.kind = NoticeKind::own_list_behind});
}

bool Gossip::compare_theirs(ContactRecord& record, const crypto::GossipMark& theirs) {
    const auto held = record.list_mark();
    if (!held) return false;
    switch (crypto::compare_gossip(*held, theirs)) {
        case crypto::GossipVerdict::agree:
        case crypto::GossipVerdict::they_are_behind:
            return false;
        case crypto::GossipVerdict::we_are_behind:
            if (theirs.seq > record.list_announced) {
                record.list_announced = theirs.seq;
                record.list_withheld = 0;
            }
            return true;
        case crypto::GossipVerdict::fork: {
            ++counters_.lists_suspicious;
            const auto& told = record.told.of_theirs;
            if (std::find(told.begin(), told.end(), theirs) != told.end()) return false;
            record.fork_announced = theirs;
            return true;
        }
    }
    return false;
}

void Gossip::tell_fork(ContactRecord& record, const crypto::GossipMark& mark) {
    if (!note(record.told.of_theirs, mark)) return;
    contacts_.touch(record);
    findings_.emplace_back(record.view.account, Notice{.kind = NoticeKind::list_fork});
}

void Gossip::offered(ContactRecord& record, const crypto::DevList& list) {
    ++counters_.lists_suspicious;
    const auto order = crypto::compare_dev_lists(record.list_mark(), list);
    // An older list is what the rendezvous keeps back, or has lost; only its owner can make a fork.
    const bool fork = !order && order.error() != crypto::DevListError::rollback;
    if (fork && concerns_us(record)) tell_fork(record, gossip_mark(list));
}

void Gossip::fetched(const AccountId& account) {
    ContactRecord* record = contacts_.find(account);
    if (record == nullptr || !record->fork_announced) return;
    const crypto::GossipMark announced = *std::exchange(record->fork_announced, std::nullopt);
    const auto held = record->list_mark();
    if (!held || crypto::compare_gossip(*held, announced) != crypto::GossipVerdict::fork) return;
    tell_fork(*record, announced);
}

// Whoever sent it: the list in it bears the account's signature.
bool Gossip::refused(Turn& turn, const RefusedStart& start) {
    ContactRecord* record = contacts_.find(start.list.account());
    if (record == nullptr || !concerns_us(*record)) return false;
    if (start.error == crypto::HandshakeError::list_fork) {
        offered(*record, start.list);
        return true;
    }
    if (start.error != crypto::HandshakeError::list_expired) return false;
    look_at_date(turn, *record);
    return true;
}

// Only by a clock on which the rendezvous agrees: ours may be the wrong one.
void Gossip::look_at_date(Turn& turn, ContactRecord& record) {
    if (!record.list || !concerns_us(record) || !server_.clocks_agree(turn.now)) return;
    if (!record.list->expired(turn.now.wall.ms)) return;
    if (std::exchange(record.told.expired, record.list->seq()) == record.list->seq()) return;
    contacts_.touch(record);
    findings_.emplace_back(record.view.account, Notice{.kind = NoticeKind::list_expired});
}

void Gossip::settle(Turn& turn) {
    account_.set_list_disputed(turn, false);
    turn.show(DeviceWatchChanged{.watch = watch()});
}

DeviceWatch Gossip::watch() const {
    return {.own_list_disputed = account_.list_disputed(),
            .hold_new_devices = contacts_.holds_new_devices()};
}

std::vector<std::pair<AccountId, Notice>> Gossip::take_findings(Turn& turn) {
    for (const Contacts::Change& change : contacts_.take_changes()) {
        const ContactRecord* record = contacts_.find(change.account);
        if (record == nullptr || !concerns_us(*record)) continue;
        const auto kind = change.held ? NoticeKind::device_held : NoticeKind::device_added;
        if (change.added > 0) {
            findings_.emplace_back(change.account, Notice{.kind = kind, .count = change.added});
        }
        if (change.removed > 0) {
            findings_.emplace_back(change.account, Notice{.kind = NoticeKind::device_removed,
                                                          .count = change.removed});
        }
    }
    if (std::exchange(alarm_, false) && !account_.list_disputed()) {
        account_.set_list_disputed(turn, true);
        turn.show(DeviceWatchChanged{.watch = watch()});
    }
    return std::exchange(findings_, {});
}

}  // namespace sotto::peer::engine

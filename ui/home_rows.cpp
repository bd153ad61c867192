#include "ui/home_rows.hpp"

#include "ui/sanitise.hpp"

namespace sotto::ui {
namespace {

bool is_hidden(peer::ContactState state) {
    return state == peer::ContactState::ignored || state == peer::ContactState::blocked;
}

class Builder {
public:
    Builder(const ViewModel& model, std::string_view query,
            const std::optional<peer::AccountId>& within)
        : model_(model), typed_(query), query_(fold_for_search(query)), within_(within) {}

    std::vector<HomeRow> build() {
        if (within_) {
            add_hits();
            if (rows_.empty()) {
                const bool found_nothing = model_.hits.answered && model_.hits.query == typed_;
                rows_.push_back({.kind = found_nothing && !query_.empty()
                                             ? HomeRowKind::no_message
                                             : HomeRowKind::type_words});
            }
            return std::move(rows_);
        }
        add_requests();
        add_contacts();
        add_members();
        add_hits();
        if (rows_.empty()) {
            const bool waiting = !model_.directory.asked;
            rows_.push_back({.kind = waiting          ? HomeRowKind::waiting
                                     : query_.empty() ? HomeRowKind::nobody
                                                      : HomeRowKind::no_match});
        }
        return std::move(rows_);
    }

private:
    bool matches(std::string_view folded) const {
        return query_.empty() || contains_folded(folded, query_);
    }

    void add_heading(Text title) {
        rows_.push_back({.kind = HomeRowKind::heading, .title = title});
    }

    void add_requests() {
        bool heading = false;
        for (const peer::AccountId& account : model_.requests) {
            if (!matches(model_.contacts.at(account).folded)) {
                continue;
            }
            if (!heading) {
                add_heading(Text::section_requests);
                heading = true;
            }
            rows_.push_back({.kind = HomeRowKind::request, .account = account});
        }
    }

    void add_contacts() {
        // Conversations need no heading while nothing stands above them.
        bool heading = rows_.empty();
        for (const peer::AccountId& account : model_.order) {
            const ContactEntry& entry = model_.contacts.at(account);
            const bool hidden = is_hidden(entry.contact.state) && query_.empty();
            if (hidden || !matches(entry.folded)) {
                continue;
            }
            if (!heading) {
                add_heading(Text::section_conversations);
                heading = true;
            }
            rows_.push_back({.kind = HomeRowKind::contact, .account = account});
        }
    }

    void add_members() {
        bool heading = false;
        const std::vector<peer::Member>& members = model_.directory.members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            const peer::Member& member = members[i];
            const bool own = model_.self && member.account == model_.self->account;
            if (own || model_.contacts.contains(member.account) ||
                !matches(fold_for_search(member.username))) {
                continue;
            }
            if (!heading) {
                add_heading(Text::section_members);
                heading = true;
            }
            rows_.push_back({.kind = HomeRowKind::member, .account = member.account, .member = i});
        }
    }

    void add_hits() {
        if (query_.empty() || model_.hits.query != typed_) {
            return;
        }
        bool heading = false;
        const std::vector<peer::Message>& found = model_.hits.messages;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const bool elsewhere = within_ && found[i].peer != *within_;
            if (elsewhere || !model_.contacts.contains(found[i].peer)) {
                continue;
            }
            if (!heading) {
                add_heading(Text::section_messages);
                heading = true;
            }
            rows_.push_back({.kind = HomeRowKind::hit, .account = found[i].peer, .hit = i});
        }
    }

    const ViewModel& model_;
    std::string_view typed_;
    std::string query_;
    std::optional<peer::AccountId> within_;
    std::vector<HomeRow> rows_;
};

}  // namespace

std::vector<HomeRow> build_home_rows(const ViewModel& model, std::string_view query,
                                     const std::optional<peer::AccountId>& within) {
    return Builder(model, query, within).build();
}

}  // namespace sotto::ui

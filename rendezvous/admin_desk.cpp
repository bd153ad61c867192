#include "rendezvous/admin_desk.hpp"

#include "crypto/primitives.hpp"

#include <algorithm>

namespace sotto::rendezvous {

namespace {

constexpr std::uint64_t longest_lifetime_s = 366ULL * 86'400;
constexpr std::uint64_t most_uses = 100'000;

// Reads the fields of one request; the first complaint stays.
class Fields {
public:
    explicit Fields(const Json& object) : object_(object) {}

    std::string text(const char* name, std::size_t most) {
        const auto field = object_.find(name);
        if (field == object_.end()) return {};
        if (!field->is_string() || field->get_ref<const std::string&>().size() > most) {
            complain(name);
            return {};
        }
        return field->get<std::string>();
    }
    std::string needed(const char* name, std::size_t most) {
        std::string value = text(name, most);
        if (value.empty()) complain(name);
        return value;
    }
    std::uint64_t number(const char* name, std::uint64_t least, std::uint64_t most) {
        const auto field = object_.find(name);
        const bool fits = field != object_.end() && field->is_number_unsigned() &&
                          field->get<std::uint64_t>() >= least &&
                          field->get<std::uint64_t>() <= most;
        if (!fits) {
            complain(name);
            return least;
        }
        return field->get<std::uint64_t>();
    }
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    void complain(const char* name) {
        if (complaint_.empty()) complaint_ = std::string("\"") + name + "\" is missing or wrong";
    }
    const Json& object_;
    std::string complaint_;
};

const char* name_of(Visibility visibility) {
    switch (visibility) {
        case Visibility::members:
            return "members";
        case Visibility::contacts:
            return "contacts";
        case Visibility::nobody:
            return "nobody";
    }
    return "nobody";
}

std::string id_of(const ops::InviteHash& hash) {
    return crypto::to_hex(hash.view().first(invite_id_bytes));
}

Json row_of(const ops::AccountInfo& info) {
    return {{"name", info.username},
            {"account", crypto::to_hex(info.account.view())},
            {"created_ms", info.created_ms},
            {"listed", info.listed},
            {"presence", name_of(info.visibility)},
            {"disabled", info.disabled},
            {"devices", info.devices},
            {"mail_items", info.mail_items},
            {"mail_bytes", info.mail_bytes}};
}

Json row_of(const ops::InviteRow& invite) {
    return {{"id", id_of(invite.hash)},
            {"uses", invite.uses},
            {"uses_left", invite.uses_left},
            {"created_ms", invite.created_ms},
            {"not_after_ms", invite.not_after_ms},
            {"note", invite.note}};
}

// Control characters would let a note play tricks with the operator's terminal.
bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7f;
    });
}

struct Reporter {
    Json& reply;

    void operator()(const ops::Done&) const {}
    void operator()(const ops::InviteList& list) const {
        reply["invites"] = Json::array();
        for (const ops::InviteRow& invite : list.invites)
            reply["invites"].push_back(row_of(invite));
        reply["more"] = list.more;
    }
    void operator()(ops::RevokeResult result) const {
        if (result == ops::RevokeResult::unknown) reply = refusal("there is no such invite");
        if (result == ops::RevokeResult::ambiguous) {
            reply = refusal("several invites begin like this; give more of the id");
        }
    }
    void operator()(const ops::AccountPage& page) const {
        reply["users"] = Json::array();
        for (const ops::AccountInfo& info : page.accounts)
            reply["users"].push_back(row_of(info));
        reply["more"] = page.more;
    }
    void operator()(const ops::FindAccountResult& found) const {
        if (found) {
            reply["user"] = row_of(*found);
        } else {
            reply = refusal("there is no member of this name");
        }
    }
    void operator()(const ops::AccountChanged& changed) const {
        if (!changed.account) reply = refusal("there is no member of this name");
    }
    void operator()(const ops::StoreCounts& counts) const {
        reply["members"] = {{"accounts", counts.accounts},
                            {"listed", counts.listed},
                            {"disabled", counts.disabled},
                            {"devices", counts.devices},
                            {"invites", counts.invites}};
    }
    template <class Other>
    void operator()(const Other&) const {
        reply = refusal("the store answered something else");  // cannot be
    }
};

AdminJob job_of(std::string verb, ops::Op op) {
    AdminJob job{.verb = std::move(verb), .batch = {}, .reply = {{"ok", true}}};
    job.batch.push_back(std::move(op));
    return job;
}

}  // namespace

Json refusal(std::string sentence) {
    return {{"ok", false}, {"error", std::move(sentence)}};
}

std::variant<AdminJob, Json> AdminDesk::create_invite(const Json& request,
                                                      std::uint64_t now_ms) const {
    Fields fields(request);
    const auto uses = static_cast<std::uint32_t>(fields.number("uses", 1, most_uses));
    const std::uint64_t lifetime_s = fields.number("lifetime_s", 1, longest_lifetime_s);
    std::string note = fields.text("note", invite_note_max_bytes);
    if (!is_printable(note)) return refusal("\"note\" has control characters");
    if (!fields.complaint().empty()) return refusal(fields.complaint());
    // Shown once: the store keeps the hash only.
    const InviteToken token(random_.array<InviteToken::size>());
    const ops::InviteHash hash(crypto::hash(crypto::label::invite_token, {token.view()}));
    const std::uint64_t not_after_ms = now_ms + lifetime_s * 1000;
    AdminJob job = job_of("invite create", ops::AddInvite{.hash = hash,
                                                          .uses = uses,
                                                          .not_after_ms = not_after_ms,
                                                          .created_ms = now_ms,
                                                          .note = std::move(note)});
    job.reply["id"] = id_of(hash);
    job.reply["link"] = link_ + "?invite=" + crypto::to_base64url(token.view());
    job.reply["uses"] = uses;
    job.reply["not_after_ms"] = not_after_ms;
    return job;
}

std::variant<AdminJob, Json> AdminDesk::begin(std::string_view text, std::uint64_t now_ms,
                                              const ServerFigures* figures) const {
    if (text.size() > admin_request_max_bytes) return refusal("the request is too long");
    const Json request = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!request.is_object()) return refusal("the request is not a JSON object");
    Fields fields(request);
    const std::string verb = fields.needed("do", 32);
    const auto named = [&](auto make) -> std::variant<AdminJob, Json> {
        std::string name = fields.needed("name", max_typed_name_bytes);
        if (!fields.complaint().empty()) return refusal(fields.complaint());
        return job_of(verb, make(std::move(name)));
    };
    if (verb == "invite create") return create_invite(request, now_ms);
    if (verb == "invite list") return job_of(verb, ops::ListInvites{now_ms});
    if (verb == "invite revoke") {
        const auto start = crypto::from_hex(fields.needed("id", 64));
        if (!start || start->size() < invite_id_bytes) {
            return refusal("an invite's id has 10 to 64 hexadecimal digits");
        }
        return job_of(verb, ops::RevokeInvite{*start});
    }
    if (verb == "user list") {
        ops::ListAccounts list{
            .query = fields.text("match", max_typed_name_bytes),
            .after = fields.text("after", max_typed_name_bytes),
            .limit = static_cast<std::size_t>(fields.number("limit", 1, ops::max_admin_rows))};
        if (!fields.complaint().empty()) return refusal(fields.complaint());
        return job_of(verb, std::move(list));
    }
    if (verb == "user show") return named([](std::string n) { return ops::FindAccount{n}; });
    if (verb == "user disable")
        return named([](std::string n) { return ops::SetDisabled{n, true}; });
    if (verb == "user enable")
        return named([](std::string n) { return ops::SetDisabled{n, false}; });
    if (verb == "user remove") return named([](std::string n) { return ops::RemoveAccount{n}; });
    if (verb == "stats") {
        AdminJob job = job_of(verb, ops::CountAll{now_ms});
        job.reply["running"] = figures != nullptr;
        if (figures != nullptr) job.reply["server"] = to_json(*figures);
        return job;
    }
    return refusal("there is no such request");
}

Json AdminDesk::finish(AdminJob& job, const StoreDone& done) {
    if (!done.results) return refusal(std::string(to_string(done.results.error())));
    std::visit(Reporter{job.reply}, done.results->front());
    return std::move(job.reply);
}

std::optional<AccountId> AdminDesk::closed_by(const AdminJob& job, const StoreDone& done) {
    if (!done.results || (job.verb != "user disable" && job.verb != "user remove")) {
        return std::nullopt;
    }
    const auto* changed = std::get_if<ops::AccountChanged>(&done.results->front());
    return changed == nullptr ? std::nullopt : changed->account;
}

Json to_json(const ServerFigures& f) {
    Json refused = Json::object();
    for (std::size_t code = 1; code < f.logic.refused.size(); ++code) {
        if (f.logic.refused[code] == 0) continue;
        refused[std::string(to_string(static_cast<ErrorCode>(code)))] = f.logic.refused[code];
    }
    return {{"uptime_s", f.uptime_s},
            {"descriptor_limit", f.descriptor_limit},
            {"connections", f.connections},
            {"clients", f.gauges.clients},
            {"anonymous", f.gauges.anonymous},
            {"sessions", f.gauges.sessions},
            {"accounts_online", f.gauges.accounts_online},
            {"watched", f.gauges.watched},
            {"mail_items", f.store.mail_items},
            {"mail_bytes", f.store.mail_bytes},
            {"database_bytes", f.store.file_bytes},
            {"commits", f.store.commits},
            {"failed_batches", f.store.failed_batches},
            {"waiting_batches", f.at_store},
            {"waiting_reply_bytes", f.queued_bytes},
            {"frames_in", f.server.frames_in},
            {"frames_out", f.server.frames_out},
            {"requests", f.logic.requests},
            {"registrations", f.logic.registrations},
            {"device_logins", f.logic.device_logins},
            {"password_logins", f.logic.password_logins},
            {"password_changes", f.logic.password_changes},
            {"mail_stored", f.logic.mail_stored},
            {"mail_repeated", f.logic.mail_repeated},
            {"requests_swallowed", f.logic.requests_swallowed},
            {"mail_relayed", f.logic.mail_relayed},
            {"mail_pushed", f.logic.mail_pushed},
            {"mail_acknowledged", f.logic.mail_acknowledged},
            {"refused", std::move(refused)},
            {"disconnected",
             {{"slow_or_idle", f.server.kicked},
              {"silent", f.server.silent},
              {"violations", f.server.violations},
              {"silent_for_newcomers", f.server.silent_dropped},
              {"anonymous_for_newcomers", f.logic.anonymous_dropped},
              {"full_prefixes", f.logic.full_prefixes}}},
            {"handshakes",
             {{"accepted", f.handshakes.accepted},
              {"refused_full", f.handshakes.refused_full},
              {"refused_rate", f.handshakes.refused_rate},
              {"refused_banned", f.handshakes.refused_banned}}}};
}

}  // namespace sotto::rendezvous

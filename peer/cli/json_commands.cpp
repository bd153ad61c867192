#include "peer/cli/json_commands.hpp"

#include "peer/cli/json_fields.hpp"
#include "peer/server_link.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace sotto::peer::cli {

namespace {

using nlohmann::json;

// A program's own number or word; longer ones would make every answer long.
constexpr std::size_t id_text_bytes_max = 64;
constexpr std::uint32_t history_limit_default = 50;

struct Context {
    JsonFields& fields;
    const AddressBook& book;
    bool unknown_name = false;

    AccountId contact(const char* field) {
        const std::string name = fields.text(field);
        if (const auto account = book.find(name)) return *account;
        unknown_name = !fields.failed();  // a missing field is another error
        fields.fail(std::string("field \"") + field + "\" names none of the contacts");
        return AccountId(crypto::ByteArray<AccountId::size>{});
    }
};

ServerAddress server_of(JsonFields& fields) {
    auto server = parse_server_link(fields.text("server"));
    if (!server) {
        fields.fail("field \"server\": " + std::string(to_string(server.error())));
        constexpr crypto::ByteArray<32> zero{};
        return {.host = {}, .port = 0, .key = *crypto::CurvePublic::parse(zero)};
    }
    return std::move(*server);
}

Request make_register(Context& in) {
    Register out{.server = server_of(in.fields),
                 .username = in.fields.text("username"),
                 .password = in.fields.secret("password"),
                 .vault_passphrase = {},
                 .listed = in.fields.flag("listed", true)};
    auto passphrase = in.fields.optional_secret("passphrase");
    out.vault_passphrase = passphrase ? std::move(*passphrase) : out.password;
    return Command(std::move(out));
}

Request make_contact_request(Context& in) {
    const std::string to = in.fields.text("to");
    SendContactRequest out;
    if (to.size() == 2 * AccountId::size) {
        out.account = in.book.find(to);
        if (!out.account) in.fields.fail("field \"to\" is neither a name nor an account");
    } else {
        out.username = to;
    }
    out.text = in.fields.optional_text("text").value_or("");
    out.allow_direct = in.fields.flag("direct", false);
    return Command(std::move(out));
}

Request make_accept(Context& in) {
    const AccountId from = in.contact("from");
    return Command(AcceptContact{.account = from, .allow_direct = in.fields.flag("direct", false)});
}

Request make_send(Context& in) {
    const AccountId to = in.contact("to");
    return Command(SendText{.to = to, .text = in.fields.text("text")});
}

Request make_read(Context& in) {
    const AccountId peer = in.contact("peer");
    // Without a row: everything there is; the engine knows the last.
    return Command(MarkRead{.peer = peer, .row = in.fields.number("row", UINT64_MAX >> 1U)});
}

Request make_history(Context& in) {
    const AccountId peer = in.contact("peer");
    const std::uint64_t before = in.fields.number("before", 0);
    const std::uint64_t limit = in.fields.number("limit", history_limit_default);
    const std::uint64_t newer = in.fields.number("newer", 0);
    return Command(LoadHistory{
        .peer = peer,
        .before_row = before,
        .limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, UINT32_MAX)),
        .newer = static_cast<std::uint32_t>(std::min<std::uint64_t>(newer, UINT32_MAX))});
}

Request make_search(Context& in) {
    SearchHistory out{.query = in.fields.text("query"), .peer = {}, .limit = history_limit_default};
    if (const auto name = in.fields.optional_text("peer")) {
        out.peer = in.book.find(*name);
        if (!out.peer) in.fields.fail("field \"peer\" names none of the contacts");
    }
    out.limit = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(in.fields.number("limit", out.limit), UINT32_MAX));
    return Command(std::move(out));
}

// Which of the two identities is meant: the contact's own, or the new one of its event.
Request make_accept_key(Context& in) {
    const AccountId peer = in.contact("peer");
    const auto key = crypto::from_hex(in.fields.text("key"));
    if (!key || key->size() != AccountId::size) {
        in.fields.fail("field \"key\" must be an account of 64 hex digits");
        return Command(AcceptKey{.account = peer, .key = peer});
    }
    return Command(AcceptKey{.account = peer,
                             .key = *AccountId::from(*key),
                             .although_verified = in.fields.flag("although_verified", false)});
}

Request make_retry(Context& in) {
    const auto bytes = crypto::from_hex(in.fields.text("message"));
    RetryMessage out;
    if (!bytes || bytes->size() != out.id.bytes.size()) {
        in.fields.fail("field \"message\" must be the id of a message");
        return Command(out);
    }
    std::copy(bytes->begin(), bytes->end(), out.id.bytes.begin());
    return Command(out);
}

Request make_check_password(Context& in) {
    return Command(CheckPassword{
        .username = in.fields.optional_text("username")
                        .value_or(in.book.self() ? in.book.self()->username : std::string()),
        .password = in.fields.secret("password")});
}

struct Spec {
    std::string_view name;
    Request (*make)(Context&);
};

const std::array specs{
    Spec{"register", make_register},
    Spec{"unlock",
         [](Context& in) -> Request {
             return Command(Unlock{.vault_passphrase = in.fields.secret("passphrase")});
         }},
    Spec{"lock", [](Context&) -> Request { return Command(Lock{}); }},
    Spec{"change_passphrase",
         [](Context& in) -> Request {
             auto old_one = in.fields.secret("old");
             auto new_one = in.fields.secret("new");
             return Command(ChangePassphrase{.old_passphrase = std::move(old_one),
                                             .new_passphrase = std::move(new_one),
                                             .new_key = in.fields.flag("new_key", false)});
         }},
    Spec{"change_password",
         [](Context& in) -> Request {
             auto old_one = in.fields.secret("old");
             auto new_one = in.fields.secret("new");
             return Command(
                 ChangeAccountPassword{.old_password = std::move(old_one),
                                       .new_password = std::move(new_one),
                                       .also_passphrase = in.fields.flag("passphrase", false)});
         }},
    Spec{"auto_lock",
         [](Context& in) -> Request {
             // Beyond 32 bits is beyond the limit, and refused as such.
             return Command(
                 SetAutoLock{.minutes = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                 in.fields.number("minutes", 0), UINT32_MAX))});
         }},
    Spec{"active", [](Context&) -> Request { return Command(NoteActivity{}); }},
    Spec{"check_password", make_check_password},
    Spec{"contact_request", make_contact_request},
    Spec{"accept", make_accept},
    Spec{"ignore",
         [](Context& in) -> Request {
             return Command(IgnoreContact{.account = in.contact("from")});
         }},
    Spec{"block",
         [](Context& in) -> Request {
             return Command(BlockContact{.account = in.contact("peer")});
         }},
    Spec{"safety_number",
         [](Context& in) -> Request { return ShowSafetyNumber{.peer = in.contact("peer")}; }},
    Spec{"verify",
         [](Context& in) -> Request {
             const AccountId peer = in.contact("peer");
             return Command(
                 VerifyContact{.account = peer, .verified = in.fields.flag("verified", true)});
         }},
    Spec{"accept_key", make_accept_key},
    Spec{"direct",
         [](Context& in) -> Request {
             const AccountId peer = in.contact("peer");
             return Command(
                 SetAllowDirect{.account = peer, .allow_direct = in.fields.flag("allow", true)});
         }},
    Spec{"send", make_send},
    Spec{"draft",
         [](Context& in) -> Request {
             const AccountId peer = in.contact("peer");
             return Command(
                 SaveDraft{.peer = peer, .text = in.fields.optional_text("text").value_or("")});
         }},
    Spec{"retry", make_retry},
    Spec{"read", make_read},
    Spec{"restart_session",
         [](Context& in) -> Request {
             return Command(RestartSession{.account = in.contact("peer")});
         }},
    Spec{"read_receipts",
         [](Context& in) -> Request {
             return Command(SetReadReceipts{.on = in.fields.flag("on")});
         }},
    Spec{"typing",
         [](Context& in) -> Request {
             const AccountId peer = in.contact("peer");
             return Command(SetTyping{.peer = peer, .typing = in.fields.flag("typing", true)});
         }},
    Spec{"history", make_history},
    Spec{"search", make_search},
    Spec{"directory",
         [](Context& in) -> Request {
             return Command(
                 SearchDirectory{.query = in.fields.optional_text("query").value_or(""),
                                 .after = in.fields.optional_text("after").value_or("")});
         }},
    Spec{"listed",
         [](Context& in) -> Request {
             return Command(SetListed{.listed = in.fields.flag("listed", true)});
         }},
    Spec{"hold_devices",
         [](Context& in) -> Request {
             return Command(SetHoldNewDevices{.hold = in.fields.flag("hold", true)});
         }},
    Spec{"allow_devices",
         [](Context& in) -> Request {
             return Command(AllowDevices{.account = in.contact("peer")});
         }},
    Spec{"settle_own_list", [](Context&) -> Request { return Command(SettleOwnList{}); }},
    Spec{"contacts", [](Context&) -> Request { return ListContacts{}; }},
    Spec{"status", [](Context&) -> Request { return ShowStatus{}; }},
    Spec{"quit", [](Context&) -> Request { return Quit{}; }},
};

// The line as an object; discarded when it is no JSON object of UTF-8, or names a key twice.
json parse_object(crypto::ByteView line) {
    // The library takes a zero byte for the end and would ignore what follows.
    if (std::find(line.begin(), line.end(), std::uint8_t{0}) != line.end()) {
        return json(json::value_t::discarded);
    }
    std::set<std::string> keys;
    bool repeated = false;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth == 1 && event == json::parse_event_t::key) {
            repeated = repeated || !keys.insert(parsed.get<std::string>()).second;
        }
        return true;
    };
    json out = json::parse(line.begin(), line.end(), watch, /*allow_exceptions=*/false);
    return out.is_object() && !repeated ? out : json(json::value_t::discarded);
}

bool is_acceptable_id(const json& id) {
    return id.is_number_integer() ||
           (id.is_string() && id.get_ref<const std::string&>().size() <= id_text_bytes_max);
}

}  // namespace

std::variant<ParsedCommand, CommandRefused> parse_command(crypto::ByteView line,
                                                          const AddressBook& book) {
    CommandRefused refused{.name = {}, .id = nullptr, .code = "bad_json", .message = {}};
    json object = parse_object(line);
    if (object.is_discarded()) {
        refused.message = "the line is not one JSON object in UTF-8 with each field once";
        return refused;
    }
    if (const auto id = object.find("id"); id != object.end()) {
        if (!is_acceptable_id(*id)) {
            refused.message = "field \"id\" must be a whole number or a short text";
            return refused;
        }
        refused.id = std::move(*id);
        object.erase(id);
    }
    JsonFields fields(object);
    const std::string name = fields.text("command");
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&](const Spec& candidate) { return candidate.name == name; });
    if (spec == specs.end()) {
        refused.code = "unknown_command";
        refused.message = "field \"command\" is missing or names no command";
        return refused;
    }
    refused.name = name;
    Context context{.fields = fields, .book = book};
    Request request = spec->make(context);
    if (auto error = fields.error()) {
        refused.code = context.unknown_name ? "no_such_name" : "bad_field";
        refused.message = std::move(*error);
        return refused;
    }
    return ParsedCommand{.name = name, .id = std::move(refused.id), .request = std::move(request)};
}

std::vector<std::string_view> command_names() {
    std::vector<std::string_view> out;
    for (const auto& spec : specs)
        out.push_back(spec.name);
    return out;
}

}  // namespace sotto::peer::cli

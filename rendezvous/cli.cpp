#include "rendezvous/cli.hpp"

#include "rendezvous/server_folder.hpp"

#include <CLI/CLI.hpp>

#include <charconv>

namespace sotto::rendezvous {

namespace {

// Ample for a person, and a bound for the answer: 1,000 rows of about 200 bytes.
constexpr std::uint32_t users_per_page = 100;
constexpr std::uint32_t users_per_page_max = 1000;
constexpr std::uint32_t invite_uses_max = 100'000;

// Where CLI11 writes to. One command is parsed; its struct is taken from here.
struct Parsed {
    std::string folder = default_folder().string();
    std::string lifetime = "7d";
    std::string community = "invite";
    InitOptions init;
    RunOptions run;
    DoctorOptions doctor;
    InviteCreateOptions invite_create;
    InviteListOptions invite_list;
    InviteRevokeOptions invite_revoke;
    UserListOptions user_list{.folder = {}, .match = {}, .after = {}, .limit = users_per_page};
    UserShowOptions user_show;
    UserChangeOptions user_change;
    StatsOptions stats;
    BackupOptions backup;
    RestoreOptions restore;
    CheckOptions check;
    Command command;
};

// A command with --dir, which every one has; `take` makes its value when it was the one.
template <class Take>
CLI::App* add(CLI::App& parent, Parsed& parsed, const char* name, const char* help, Take take) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->add_option("--dir,--data", parsed.folder, "The server's folder")
        ->capture_default_str()
        ->type_name("FOLDER");
    command->callback([&parsed, take] {
        auto value = take(parsed);
        value.folder = parsed.folder;
        parsed.command = std::move(value);
    });
    return command;
}

void add_json(CLI::App* command, bool& json) {
    command->add_flag("--json", json, "Print JSON");
}

void add_server_commands(CLI::App& app, Parsed& parsed) {
    CLI::App* init =
        add(app, parsed, "init", "Make a new server: configuration and key", [](Parsed& p) {
            p.init.open = p.init.open || p.community == "open";
            return p.init;
        });
    init->add_option("--listen", parsed.init.listen,
                     "Where to listen; port 0 takes a free one (default: *:7313)")
        ->type_name("HOST:PORT");
    init->add_option("--community", parsed.community, "Who may register")
        ->check(CLI::IsMember({"invite", "open"}))
        ->capture_default_str();
    init->add_flag("--open", parsed.init.open, "Short for --community open");
    init->add_option("--public-host", parsed.init.public_host,
                     "Name or address in the link, if not the listening one")
        ->type_name("HOST");
    init->add_flag("--no-invite", parsed.init.no_invite, "Make no invite for the first member");
    init->add_option("--metrics", parsed.init.metrics,
                     "Serve Prometheus metrics here, for example 127.0.0.1:9313")
        ->type_name("HOST:PORT");

    CLI::App* run = add(app, parsed, "run", "Serve until SIGTERM or SIGINT; SIGHUP reloads",
                        [](Parsed& p) { return p.run; });
    run->add_option("--listen", parsed.run.listen, "Listen here instead of where configured")
        ->type_name("HOST:PORT");

    CLI::App* doctor =
        add(app, parsed, "doctor", "Look for what would go wrong, and say what to do",
            [](Parsed& p) { return p.doctor; });
    add_json(doctor, parsed.doctor.json);
    add(app, parsed, "link", "Print the server's link", [](Parsed&) { return LinkOptions{}; });
    CLI::App* stats = add(app, parsed, "stats", "Numbers of members, mail, connections, refusals",
                          [](Parsed& p) { return p.stats; });
    add_json(stats, parsed.stats.json);
}

void add_invite_commands(CLI::App& app, Parsed& parsed) {
    CLI::App* invite = app.add_subcommand("invite", "Invitations to register");
    invite->require_subcommand(1);
    CLI::App* create =
        add(*invite, parsed, "create", "Make an invite and print its link", [](Parsed& p) {
            p.invite_create.lifetime_s = parse_lifetime(p.lifetime);
            return p.invite_create;
        });
    create->add_option("--uses", parsed.invite_create.uses, "How many may register with it")
        ->check(CLI::Range(1U, invite_uses_max))
        ->capture_default_str();
    create->add_option("--expires", parsed.lifetime, "How long it is good: 12h, 7d, 4w, ...")
        ->check(CLI::Validator(
            [](std::string& text) {
                return parse_lifetime(text) == 0 ? std::string("a time like 30m, 12h, 7d or 4w")
                                                 : std::string();
            },
            "TIME"))
        ->capture_default_str();
    create->add_option("--note", parsed.invite_create.note,
                       "For your own list: whom it is for (at most 100 bytes)");
    add_json(create, parsed.invite_create.json);
    CLI::App* list = add(*invite, parsed, "list", "Invites that can still be used",
                         [](Parsed& p) { return p.invite_list; });
    add_json(list, parsed.invite_list.json);
    CLI::App* revoke = add(*invite, parsed, "revoke", "Make an invite void",
                           [](Parsed& p) { return p.invite_revoke; });
    revoke->add_option("ID", parsed.invite_revoke.id, "As \"invite list\" shows it")->required();
}

void add_user_commands(CLI::App& app, Parsed& parsed) {
    CLI::App* user = app.add_subcommand("user", "Members");
    user->require_subcommand(1);
    CLI::App* list =
        add(*user, parsed, "list", "Members by name", [](Parsed& p) { return p.user_list; });
    list->add_option("--match", parsed.user_list.match, "Only names that contain this")
        ->type_name("TEXT");
    list->add_option("--after", parsed.user_list.after, "Go on after this name")->type_name("NAME");
    list->add_option("--limit", parsed.user_list.limit, "How many at most")
        ->check(CLI::Range(1U, users_per_page_max))
        ->capture_default_str();
    add_json(list, parsed.user_list.json);
    CLI::App* show = add(*user, parsed, "show", "What the server knows about a member",
                         [](Parsed& p) { return p.user_show; });
    show->add_option("NAME", parsed.user_show.name)->required();
    add_json(show, parsed.user_show.json);

    using Change = UserChangeOptions::Change;
    const auto change = [&](const char* name, const char* help, Change what) {
        CLI::App* command = add(*user, parsed, name, help, [what](Parsed& p) {
            p.user_change.change = what;
            return p.user_change;
        });
        command->add_option("NAME", parsed.user_change.name)->required();
        return command;
    };
    change("disable", "End a member's sessions and refuse new ones; mail is kept", Change::disable);
    change("enable", "Let a disabled member log in again", Change::enable);
    change("remove", "Delete a member with devices and waiting mail; the name becomes free",
           Change::remove)
        ->add_flag("--yes", parsed.user_change.yes, "Do not ask");
}

void add_file_commands(CLI::App& app, Parsed& parsed) {
    CLI::App* backup =
        add(app, parsed, "backup", "Copy database, key and configuration into a file",
            [](Parsed& p) { return p.backup; });
    backup->add_option("FILE", parsed.backup.file, "A new file; it is never overwritten")
        ->required();
    backup->add_flag("--without-key", parsed.backup.without_key,
                     "Leave the server's secret key out; members cannot connect without it");
    CLI::App* restore =
        add(app, parsed, "restore", "Make the server from a backup; while it is stopped",
            [](Parsed& p) { return p.restore; });
    restore->add_option("FILE", parsed.restore.file, "A backup")->required();
    restore->add_flag("--replace", parsed.restore.replace,
                      "Put it in the place of the database that is there, which is kept beside");
    CLI::App* check = add(app, parsed, "check", "Check the database, or a backup, for damage",
                          [](Parsed& p) { return p.check; });
    check->add_option("FILE", parsed.check.file, "A backup instead of the server's database");
}

}  // namespace

std::uint64_t parse_lifetime(const std::string& text) {
    constexpr std::uint64_t longest_s = 366ULL * 86'400;
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || end - rest != 1 || count > longest_s) return 0;
    std::uint64_t unit_s = 0;
    switch (*rest) {
        case 's':
            unit_s = 1;
            break;
        case 'm':
            unit_s = 60;
            break;
        case 'h':
            unit_s = 3600;
            break;
        case 'd':
            unit_s = 86'400;
            break;
        case 'w':
            unit_s = 7 * 86'400;
            break;
        default:
            return 0;
    }
    return count * unit_s > longest_s ? 0 : count * unit_s;
}

std::variant<Command, int> parse_command_line(int argc, const char* const* argv,
                                              const std::string& version) {
    CLI::App app{"Directory, presence, relay and sealed mailbox for Sotto peers."};
    Parsed parsed;
    app.set_version_flag("--version", version);
    app.require_subcommand(1);
    app.footer(
        "A running server is asked through admin.sock in its folder; a stopped one's folder is "
        "used\n"
        "directly. Exit codes: 0 done, 1 failed (the reason is on stderr), 2 usage.");
    add_server_commands(app, parsed);
    add_invite_commands(app, parsed);
    add_user_commands(app, parsed);
    add_file_commands(app, parsed);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_success : exit_usage;
    }
    return std::move(parsed.command);
}

}  // namespace sotto::rendezvous

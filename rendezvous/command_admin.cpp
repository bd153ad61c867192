// invite, user, stats: requests to the server, and their answers as text.
#include "rendezvous/admin_client.hpp"
#include "rendezvous/commands.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>

namespace sotto::rendezvous {

namespace {

// Asks, then prints: the reply as JSON, or with `print`.
int ask_and_print(const std::string& folder, const Json& request, bool json,
                  const std::function<void(const Json&)>& print) {
    if (!act_as_owner(folder)) return exit_failure;
    const Json reply = ask_server(folder, request);
    if (!reply.at("ok").get<bool>()) return fail(reply.value("error", "refused"));
    try {
        if (json) {
            std::cout << reply.dump(2) << '\n';
        } else {
            print(reply);
        }
    } catch (const Json::exception&) {
        return fail("the server's answer is not understood; is it of the same version?");
    }
    return exit_success;
}

std::string date_of(const Json& ms) {
    const auto seconds = static_cast<std::time_t>(ms.get<std::uint64_t>() / 1000);
    std::tm parts{};
    std::array<char, 32> text{};
    if (gmtime_r(&seconds, &parts) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts) == 0) {
        return "?";
    }
    return text.data();
}

std::string size_of(std::uint64_t bytes) {
    constexpr std::uint64_t kib = 1024;
    if (bytes < kib) return std::to_string(bytes) + " B";
    if (bytes < kib * kib) return std::to_string(bytes / kib) + " KiB";
    return std::to_string(bytes / kib / kib) + " MiB";
}

void print_user_line(const Json& user) {
    std::printf("%-32s %s %s%s  %llu device(s), %llu item(s) waiting\n",
                user.at("name").get_ref<const std::string&>().c_str(),
                date_of(user.at("created_ms")).c_str(),
                user.at("listed").get<bool>() ? "listed" : "not listed",
                user.at("disabled").get<bool>() ? ", disabled" : "",
                user.at("devices").get<unsigned long long>(),
                user.at("mail_items").get<unsigned long long>());
}

void print_user(const Json& reply) {
    const Json& user = reply.at("user");
    std::cout << "name      " << user.at("name").get<std::string>() << "\naccount   "
              << user.at("account").get<std::string>() << "\nmember    since "
              << date_of(user.at("created_ms")) << " UTC\ndirectory "
              << (user.at("listed").get<bool>() ? "listed" : "not listed") << ", presence shown to "
              << user.at("presence").get<std::string>() << "\nstate     "
              << (user.at("disabled").get<bool>() ? "disabled" : "enabled") << "\ndevices   "
              << user.at("devices") << "\nmail      " << user.at("mail_items") << " items, "
              << size_of(user.at("mail_bytes").get<std::uint64_t>()) << '\n';
}

void print_invites(const Json& reply) {
    if (reply.at("invites").empty()) std::cout << "no invites\n";
    for (const Json& invite : reply.at("invites")) {
        std::cout << invite.at("id").get<std::string>() << "  " << invite.at("uses_left") << " of "
                  << invite.at("uses") << " left, until " << date_of(invite.at("not_after_ms"))
                  << " UTC  " << invite.at("note").get<std::string>() << '\n';
    }
    if (reply.at("more").get<bool>()) std::cout << "... and more\n";
}

void print_numbers(const Json& object, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
        if (value.is_object()) {
            print_numbers(value, prefix + name + ".");
        } else {
            std::cout << prefix << name << ' ' << value << '\n';
        }
    }
}

bool confirmed(const std::string& name) {
    if (isatty(STDIN_FILENO) == 0) {
        (void)fail("remove deletes for good; add --yes");
        return false;
    }
    std::cout << "Delete " << name
              << " with all devices and waiting mail? Type the name again: " << std::flush;
    std::string typed;
    std::getline(std::cin, typed);
    return typed == name;
}

}  // namespace

// --- invite ------------------------------------------------------------------------------------

int carry_out(const InviteCreateOptions& options) {
    const Json request{{"do", "invite create"},
                       {"uses", options.uses},
                       {"lifetime_s", options.lifetime_s},
                       {"note", options.note}};
    return ask_and_print(options.folder, request, options.json, [](const Json& reply) {
        std::cout << "Send this link to whom you invite; it is not shown again:\n\n  "
                  << reply.at("link").get<std::string>() << "\n\nid "
                  << reply.at("id").get<std::string>() << ", good for " << reply.at("uses")
                  << (reply.at("uses") == 1 ? " registration" : " registrations") << " until "
                  << date_of(reply.at("not_after_ms")) << " UTC\n";
    });
}

int carry_out(const InviteListOptions& options) {
    return ask_and_print(options.folder, {{"do", "invite list"}}, options.json, print_invites);
}

int carry_out(const InviteRevokeOptions& options) {
    return ask_and_print(options.folder, {{"do", "invite revoke"}, {"id", options.id}}, false,
                         [](const Json&) { std::cout << "revoked\n"; });
}

// --- user --------------------------------------------------------------------------------------

int carry_out(const UserListOptions& options) {
    const Json request{{"do", "user list"},
                       {"match", options.match},
                       {"after", options.after},
                       {"limit", options.limit}};
    return ask_and_print(options.folder, request, options.json, [](const Json& reply) {
        for (const Json& user : reply.at("users"))
            print_user_line(user);
        if (reply.at("more").get<bool>()) {
            std::cout << "... and more: --after "
                      << reply.at("users").back().at("name").get<std::string>() << '\n';
        }
    });
}

int carry_out(const UserShowOptions& options) {
    return ask_and_print(options.folder, {{"do", "user show"}, {"name", options.name}},
                         options.json, print_user);
}

int carry_out(const UserChangeOptions& options) {
    using Change = UserChangeOptions::Change;
    if (options.change == Change::remove && !options.yes && !confirmed(options.name)) {
        return exit_failure;
    }
    const char* verb = options.change == Change::disable  ? "user disable"
                       : options.change == Change::enable ? "user enable"
                                                          : "user remove";
    const char* done = options.change == Change::disable  ? "disabled\n"
                       : options.change == Change::enable ? "enabled\n"
                                                          : "removed\n";
    return ask_and_print(options.folder, {{"do", verb}, {"name", options.name}}, false,
                         [done](const Json&) { std::cout << done; });
}

// --- stats -------------------------------------------------------------------------------------

int carry_out(const StatsOptions& options) {
    return ask_and_print(options.folder, {{"do", "stats"}}, options.json, [](const Json& reply) {
        print_numbers(reply.at("members"), "");
        if (reply.at("running").get<bool>()) {
            print_numbers(reply.at("server"), "");
        } else {
            std::cout << "the server does not run\n";
        }
    });
}

}  // namespace sotto::rendezvous

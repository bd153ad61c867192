// Pictures of every screen in both themes and languages, to be looked at by a person.
//
//   sotto-ui-gallery FOLDER
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "stage.hpp"

namespace sotto::ui::testing {
namespace {

struct Look {
    const char* name;
    ThemeChoice theme;
    Language language;
};

constexpr Look looks[] = {{"light-en", ThemeChoice::light, Language::english},
                          {"dark-fr", ThemeChoice::dark, Language::french},
                          {"dark-en", ThemeChoice::dark, Language::english},
                          {"light-fr", ThemeChoice::light, Language::french}};

void complain(const std::string& failures) {
    if (!failures.empty()) {
        std::fprintf(stderr, "%s", failures.c_str());
    }
}

StageOptions options(const Look& look) {
    return {.theme = look.theme, .language = look.language};
}

void picture(Stage& stage, const std::filesystem::path& folder, const Look& look,
             const char* name) {
    stage.driver->move_to({2, 2});
    stage.driver->settle();
    stage.shot(folder / (std::string(name) + "-" + look.name + ".png"));
}

void first_start(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    stage.show(peer::VaultChanged{peer::VaultState::absent});
    picture(stage, folder, look, "welcome");
    stage.desktop.ui().register_form.server.buffer().set_text(
        "sotto://chat.example.org:7313/CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    stage.desktop.ui().register_form.name.buffer().set_text("Élodie");
    stage.desktop.ui().register_form.password.buffer().set_text("courte");
    stage.desktop.ui().register_form.error = stage.desktop.ui().text(Text::error_name_taken);
    stage.desktop.ui().register_form.tried = true;
    stage.driver->settle();
    picture(stage, folder, look, "welcome-errors");
}

void unlock(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    stage.desktop.ui().settings.name = "alice";
    stage.desktop.ui().settings.account = account(1000);
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    picture(stage, folder, look, "unlock");
    stage.desktop.ui().unlock_form.error = stage.desktop.ui().text(Text::error_wrong_passphrase);
    stage.driver->settle();
    picture(stage, folder, look, "unlock-wrong");
}

void home(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    fill_home(stage);
    picture(stage, folder, look, "home");
    complain(stage.run("click contact:elodie\ntype \"à ce soir 🙂\""));
    picture(stage, folder, look, "conversation");
    complain(stage.run("key Ctrl+,"));
    picture(stage, folder, look, "settings");
    complain(stage.run("key Escape\nclick \"input:" +
                       stage.desktop.ui().text(Text::search_placeholder) + "\"\ntype zo"));
    picture(stage, folder, look, "search");
    complain(stage.run("click member:zoe"));
    picture(stage, folder, look, "send-request");
}

void locking(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    fill_home(stage);
    const Strings& text = stage.desktop.ui().text;
    complain(stage.run("click contact:elodie\nclick \"button:" + text(Text::account_menu) + "\""));
    picture(stage, folder, look, "account-menu");
    // The button is further down than this window shows.
    complain(stage.run("key Escape\nresize 1100 1000\nkey Ctrl+,\nclick \"button:" +
                       text(Text::change_passphrase) +
                       "\"\nresize 1100 720\ntype \"old passphrase\"\nkey Tab\nkey Tab\n"
                       "type \"many new words\""));
    picture(stage, folder, look, "passphrase");
    stage.desktop.ui().settings.name = "alice";
    stage.desktop.ui().settings.account = account(1000);
    stage.show(peer::VaultChanged{peer::VaultState::locked});
    picture(stage, folder, look, "unlock-alone");
}

void requests(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    fill_home(stage);
    peer::Contact asking =
        contact(60, "marie.curie", peer::ContactState::request_received, peer::Presence::unknown);
    asking.request_text = "Bonjour Alice, c'est Marie, de l'atelier de mardi. On s'écrit ici ?";
    asking.changed_at = {stage_now.ms - 5 * 60'000};
    stage.take(peer::ContactChanged{asking});
    peer::Contact asked =
        contact(61, "niels", peer::ContactState::request_sent, peer::Presence::unknown);
    asked.changed_at = {stage_now.ms - 2 * 60'000};
    stage.show(peer::ContactChanged{asked});
    complain(stage.run("click contact:marie.curie"));
    picture(stage, folder, look, "request");
    complain(stage.run("click contact:niels"));
    picture(stage, folder, look, "waiting");
}

void safety(const std::filesystem::path& folder, const Look& look) {
    StageOptions tall = options(look);
    tall.height = 980;
    Stage stage(tall);
    fill_home(stage);
    const Strings& text = stage.desktop.ui().text;
    complain(stage.run("click contact:bob\nclick \"button:" + text(Text::menu_tip) + "\""));
    picture(stage, folder, look, "contact-menu");
    complain(stage.run("click \"" + text(Text::menu_safety) + "\""));
    picture(stage, folder, look, "safety");
    stage.desktop.ui().safety_form.pasted.buffer().set_text(stage.desktop.ui().safety_form.code);
    stage.driver->settle();
    picture(stage, folder, look, "safety-own-code");
    complain(stage.run("key Escape\nresize 1100 720"));
    peer::Contact changed = contact(5, "bob");
    changed.verified = true;
    changed.changed_at = {0};
    changed.new_key = account(500);
    stage.show(peer::ContactChanged{changed});
    picture(stage, folder, look, "key-changed");
    complain(stage.run("click \"button:" + text(Text::key_accept_ask) + "\""));
    picture(stage, folder, look, "key-accept");
}

void troubles(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    fill_home(stage);
    stage.history.push_back(
        message(12, 1, "Ce message n'est pas parti.",
                {.outgoing = true, .state = peer::DeliveryState::failed, .minutes_ago = 5}));
    stage.history.back().failure = peer::MessageFailure::no_such_account;
    complain(stage.run("click contact:elodie"));
    stage.take(peer::ServerStateChanged{peer::ServerState::offline});
    stage.take(peer::TypingChanged{account(1), true});
    stage.desktop.ui().thread(account(1)).error = stage.desktop.ui().text.format(
        Text::failed_send,
        {{"name", "elodie"}, {"error", stage.desktop.ui().text(Text::error_disk_full)}});
    stage.driver->settle();
    picture(stage, folder, look, "troubles");
}

// The smallest window people use, and twice the size on a screen with small pixels.
void small(const std::filesystem::path& folder, const Look& look, float scale) {
    StageOptions small_window = options(look);
    small_window.width = 480;
    small_window.height = 360;
    small_window.scale = scale;
    const std::string name = scale == 1.0F ? "small-" : "small2x-";
    const auto shot = [&](Stage& stage, const char* what) {
        picture(stage, folder, look, (name + what).c_str());
    };
    Stage fresh(small_window);
    fresh.show(peer::VaultChanged{peer::VaultState::absent});
    shot(fresh, "welcome");
    fresh.show(peer::VaultChanged{peer::VaultState::locked});
    shot(fresh, "unlock");
    Stage stage(small_window);
    fill_home(stage);
    peer::Contact long_name = contact(70, "a.very.long.name.of.32.characters");
    long_name.verified = true;
    long_name.changed_at = stage_now;
    stage.take(peer::ContactChanged{long_name});
    stage.driver->settle();
    shot(stage, "home");
    complain(stage.run("click contact:" + long_name.username));
    shot(stage, "long-name");
    complain(stage.run("click \"button:" + stage.desktop.ui().text(Text::menu_tip) +
                       "\"\nclick \"" + stage.desktop.ui().text(Text::menu_safety) + "\""));
    shot(stage, "safety");
    complain(stage.run("key Escape"));
    long_name.new_key = account(500);
    stage.show(peer::ContactChanged{long_name});
    shot(stage, "key-changed");
    complain(stage.run("key Escape\nclick contact:elodie"));
    shot(stage, "conversation");
    complain(stage.run("key Ctrl+,"));
    shot(stage, "settings");
}

void empty(const std::filesystem::path& folder, const Look& look) {
    Stage stage(options(look));
    stage.take(opened());
    stage.take(peer::ServerStateChanged{peer::ServerState::online});
    stage.show(directory({}));
    picture(stage, folder, look, "empty");
}

}  // namespace
}  // namespace sotto::ui::testing

int main(int argc, char** argv) {
    using namespace sotto::ui::testing;
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const std::string only = argc > 2 ? argv[2] : "";
    for (const Look& look : looks) {
        if (!only.empty() && only != look.name) {
            continue;
        }
        first_start(folder, look);
        unlock(folder, look);
        home(folder, look);
        locking(folder, look);
        requests(folder, look);
        safety(folder, look);
        troubles(folder, look);
        small(folder, look, 1.0F);
        small(folder, look, 2.0F);
        empty(folder, look);
    }
    return 0;
}

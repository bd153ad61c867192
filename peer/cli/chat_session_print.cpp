// The chat session's mouth: prompts, messages, failures.
#include "peer/cli/chat_session.hpp"
#include "peer/cli/terminal.hpp"

#include <array>
#include <ctime>

namespace sotto::peer::cli {

namespace {

constexpr std::string_view prompt_mark = "> ";

std::string time_of_day(WallTime at) {
    const auto seconds = static_cast<std::time_t>(at.ms / 1000);
    std::tm local{};
    std::array<char, 16> text{};
    if (::localtime_r(&seconds, &local) == nullptr) return "??:??";
    std::strftime(text.data(), text.size(), "%H:%M", &local);
    return text.data();
}

struct FailureText {
    CommandError error;
    std::string_view english;
    std::string_view french;
};

constexpr std::array failure_texts{
    FailureText{CommandError::not_unlocked, "the profile is locked", "le profil est verrouillé"},
    FailureText{CommandError::wrong_passphrase, "wrong passphrase", "mauvaise phrase secrète"},
    FailureText{CommandError::profile_exists, "the profile exists already",
                "le profil existe déjà"},
    FailureText{CommandError::profile_in_use, "another copy of Sotto has this profile open",
                "une autre copie de Sotto utilise ce profil"},
    FailureText{CommandError::profile_damaged, "the profile's files are damaged",
                "les fichiers du profil sont abîmés"},
    FailureText{CommandError::disk_full, "the disk is full; nothing was changed",
                "le disque est plein ; rien n'a été changé"},
    FailureText{CommandError::disk_error, "the disk refused; nothing was changed",
                "le disque a refusé ; rien n'a été changé"},
    FailureText{CommandError::server_unreachable, "the server cannot be reached",
                "le serveur est injoignable"},
    FailureText{CommandError::server_wrong_key, "the server has another key; check the link",
                "le serveur a une autre clé ; vérifiez le lien"},
    FailureText{CommandError::server_refused, "the server refused", "le serveur a refusé"},
    FailureText{CommandError::name_invalid, "a name has 3 to 32 of a-z 0-9 . _ -",
                "un nom a de 3 à 32 caractères parmi a-z 0-9 . _ -"},
    FailureText{CommandError::name_taken, "this name is taken", "ce nom est pris"},
    FailureText{CommandError::no_such_name, "nobody of that name; nothing was sent",
                "personne de ce nom ; rien n'a été envoyé"},
    FailureText{CommandError::wrong_credentials, "wrong name or password",
                "nom ou mot de passe incorrect"},
    FailureText{CommandError::invite_needed, "this server takes members by invitation only",
                "ce serveur n'accepte que sur invitation"},
    FailureText{CommandError::too_many_tries, "too many tries", "trop d'essais"},
    FailureText{CommandError::not_a_contact, "not a contact; nothing was sent",
                "pas un contact ; rien n'a été envoyé"},
    FailureText{CommandError::already_a_contact, "already a contact", "déjà un contact"},
    FailureText{CommandError::own_account, "that is you", "c'est vous"},
    FailureText{CommandError::text_empty, "the text is empty", "le texte est vide"},
    FailureText{CommandError::text_too_long, "the text is too long; nothing was sent",
                "le texte est trop long ; rien n'a été envoyé"},
    FailureText{CommandError::not_possible_now, "not possible now", "impossible pour l'instant"},
    FailureText{CommandError::list_full, "the list is full", "la liste est pleine"},
    FailureText{CommandError::other_version, "this server needs another version of Sotto",
                "ce serveur demande une autre version de Sotto"},
    FailureText{CommandError::password_unclear,
                "the server's answer was lost; the account has the old password, or the new one",
                "la réponse du serveur s'est perdue ; le compte a l'ancien mot de passe ou le "
                "nouveau"},
    FailureText{CommandError::passphrase_kept,
                "the account's password was changed, but the passphrase of this profile could not "
                "be: it is the old one",
                "le mot de passe du compte est changé, mais la phrase secrète de ce profil n'a pas "
                "pu l'être : c'est l'ancienne"},
    FailureText{CommandError::clock_wrong,
                "this computer's clock is days off; set it, then try again",
                "l'horloge de cet ordinateur est fausse de plusieurs jours ; réglez-la"},
    FailureText{CommandError::key_changed,
                "the server names another identity for this contact; nothing was sent",
                "le serveur donne une autre identité à ce contact ; rien n'a été envoyé"},
};

std::string_view text_of(Language language, CommandError error) {
    for (const auto& entry : failure_texts) {
        if (entry.error == error)
            return language == Language::french ? entry.french : entry.english;
    }
    return "?";
}

}  // namespace

void ChatSession::print(const std::string& line) {
    // On a terminal the prompt and what was typed so far stand in this line: write over it.
    output_ += "\r";
    output_ += line;
    output_ += "\n";
    if (stage_ == Stage::talking) output_ += prompt_mark;
}

void ChatSession::print(Say what, std::initializer_list<std::string_view> values) {
    print(say(options_.language, what, values));
}

void ChatSession::print_message(const Message& message, bool with_peer) {
    const std::string peer = safe_name(message.peer);
    if (message.kind == MessageKind::notice) {
        const auto notice = say_notice(options_.language, message.text, peer);
        return print(time_of_day(message.at) + " " + notice.value_or(terminal_safe(message.text)));
    }
    const std::string author = message.outgoing ? say(options_.language, Say::you) : peer;
    const std::string text = message.kind == MessageKind::unsupported
                                 ? say(options_.language, Say::unsupported)
                                 : terminal_safe(message.text);
    const std::string where = with_peer ? "(" + peer + ") " : std::string();
    print(time_of_day(message.at) + " " + where + author + ": " + text);
}

std::string ChatSession::safe_name(const AccountId& account) const {
    return terminal_safe(book_.name_of(account));
}

void ChatSession::ask(Stage stage, Say prompt) {
    stage_ = stage;
    output_ += say(options_.language, prompt);
}

void ChatSession::post(Command command, Answer answer) {
    answers_.emplace(++last_command_, std::move(answer));
    commands_.push_back({.id = last_command_, .command = std::move(command)});
}

void ChatSession::post_and_wait(Command command, Stage if_it_fails) {
    stage_ = Stage::waiting;
    if_it_fails_ = if_it_fails;
    post(std::move(command));
    awaited_ = last_command_;
}

void ChatSession::ask_again() {
    awaited_ = 0;
    ask(if_it_fails_, if_it_fails_ == Stage::passphrase ? Say::ask_passphrase : Say::ask_name);
}

void ChatSession::on_busy(CommandId command) {
    answers_.erase(command);
    print(Say::too_busy);
    if (command == awaited_) ask_again();
}

void ChatSession::on(const CommandFailed& change) {
    answers_.erase(change.command);
    print(Say::failed, {text_of(options_.language, change.error)});
    if (change.retry_after_ms != 0) {
        print(Say::wait_seconds, {std::to_string(change.retry_after_ms / 1000 + 1)});
    }
    // One that failed because the profile was locked meanwhile: another question stands already.
    if (change.command != awaited_ || stage_ == Stage::over) return;
    const bool is_final = change.error == CommandError::profile_in_use ||
                          change.error == CommandError::profile_damaged ||
                          change.error == CommandError::disk_error;
    if (is_final) {
        print(Say::profile_damaged);
        stage_ = Stage::over;
        exit_code_ = 1;
    } else {
        ask_again();
    }
}

}  // namespace sotto::peer::cli

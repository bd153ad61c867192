#include "peer/cli/chat_texts.hpp"

#include "peer/notice.hpp"

#include <array>
#include <cstdlib>

namespace sotto::peer::cli {

namespace {

struct Entry {
    Say what;
    std::string_view english;
    std::string_view french;
};

constexpr std::size_t text_count = static_cast<std::size_t>(Say::count_);

constexpr std::array<Entry, text_count> texts{{
    {Say::ask_server, "Server link (sotto://...): ", "Lien du serveur (sotto://...) : "},
    {Say::ask_name, "Choose a name (a-z 0-9 . _ -): ", "Choisissez un nom (a-z 0-9 . _ -) : "},
    {Say::ask_new_password, "Choose a password: ", "Choisissez un mot de passe : "},
    {Say::ask_password_again, "The same password again: ", "Le même mot de passe, encore : "},
    {Say::ask_passphrase, "Passphrase: ", "Phrase secrète : "},
    {Say::passwords_differ, "The two passwords differ. Nothing was done; try again.",
     "Les deux mots de passe diffèrent. Rien n'a été fait ; recommencez."},
    {Say::bad_server_link, "This is not a server link: it looks like sotto://HOST:PORT/KEY.",
     "Ce n'est pas un lien de serveur : il ressemble à sotto://HÔTE:PORT/CLÉ."},
    {Say::working, "One moment ...", "Un instant ..."},
    {Say::welcome, "Welcome, {0}.", "Bienvenue, {0}."},
    {Say::hint, "/help lists the commands.", "/help affiche les commandes."},
    {Say::no_contacts, "No contacts yet: /members shows who is here, /request NAME asks someone.",
     "Pas encore de contacts : /members montre qui est là, /request NOM demande à quelqu'un."},
    {Say::contact_line, "  {0}  {1}", "  {0}  {1}"},
    {Say::unread, "({0} unread)", "({0} non lus)"},
    {Say::help,
     "/to NAME              talk to NAME; what you type then goes there\n"
     "/contacts             your contacts\n"
     "/members [TEXT]       who is a member of this server\n"
     "/request NAME [TEXT]  ask NAME to become a contact\n"
     "/accept NAME          accept a request; \"/accept NAME direct\" also allows direct links,\n"
     "                      which show each of you the other's IP address\n"
     "/ignore NAME          leave a request unanswered\n"
     "/block NAME           neither read from NAME nor be read\n"
     "/restart NAME         new keys for the conversation, when messages do not arrive\n"
     "/hold on, /hold off   hold new devices of verified contacts until you allow them\n"
     "/devices NAME         allow NAME's new devices\n"
     "/receipts [on|off]    whether others see what you have read, and you see it of them\n"
     "/history [N]          the last N messages (20)\n"
     "/search TEXT          search all conversations\n"
     "/password [both]      change the account's password; \"both\": the passphrase as well\n"
     "/quit                 log out and end",
     "/to NOM               parler à NOM ; ce que vous tapez ensuite lui est envoyé\n"
     "/contacts             vos contacts\n"
     "/members [TEXTE]      qui est membre de ce serveur\n"
     "/request NOM [TEXTE]  demander à NOM de devenir un contact\n"
     "/accept NOM           accepter une demande ; « /accept NOM direct » permet aussi les liens\n"
     "                      directs, qui montrent à chacun l'adresse IP de l'autre\n"
     "/ignore NOM           laisser une demande sans réponse\n"
     "/block NOM            ne plus rien lire de NOM, ni être lu\n"
     "/restart NOM          nouvelles clés pour la conversation, si des messages n'arrivent pas\n"
     "/hold on, /hold off   retenir les nouveaux appareils des contacts vérifiés\n"
     "/devices NOM          autoriser les nouveaux appareils de NOM\n"
     "/receipts [on|off]    montrer ou non ce que vous avez lu, et voir ce que les autres ont lu\n"
     "/history [N]          les N derniers messages (20)\n"
     "/search TEXTE         chercher dans toutes les conversations\n"
     "/password [both]      changer le mot de passe du compte ; « both » : la phrase secrète "
     "aussi\n"
     "/quit                 se déconnecter et terminer"},
    {Say::unknown_command, "Unknown command {0}; /help lists them.",
     "Commande inconnue : {0} ; /help les affiche."},
    {Say::needs_a_name, "{0} needs a name.", "{0} demande un nom."},
    {Say::no_such_contact, "{0} is not among your contacts. Nothing was sent.",
     "{0} n'est pas parmi vos contacts. Rien n'a été envoyé."},
    {Say::choose_someone, "Please choose someone to talk to: /to NAME. Nothing was sent.",
     "Veuillez choisir à qui parler : /to NOM. Rien n'a été envoyé."},
    {Say::talking_to, "-- Chat with: {0} --", "-- Discussion avec : {0} --"},
    {Say::request_arrived, "{0} asks to become a contact: \"{1}\". /accept {0} or /ignore {0}",
     "{0} demande à devenir un contact : « {1} ». /accept {0} ou /ignore {0}"},
    {Say::request_sent, "Asked. {0} can now accept.",
     "Demande faite. {0} peut maintenant accepter."},
    {Say::session_restarted, "New keys are agreed on with {0}; what did not arrive goes again.",
     "De nouvelles clés sont convenues avec {0} ; ce qui n'est pas arrivé repart."},
    {Say::now_contacts, "{0} and you are contacts now: /to {0}",
     "{0} et vous êtes maintenant contacts : /to {0}"},
    {Say::came, "-- {0} is here --", "-- {0} est là --"},
    {Say::left, "-- {0} has left --", "-- {0} est parti --"},
    {Say::receipts_on,
     "Read receipts are on: others see what you have read, and you see it of them.",
     "Confirmations de lecture activées : les autres voient ce que vous avez lu, et vous de même."},
    {Say::receipts_off,
     "Read receipts are off: nobody is told what you have read, nor are you. That a message\n"
     "arrived is always told.",
     "Confirmations de lecture désactivées : personne n'apprend ce que vous avez lu, ni vous ce\n"
     "que les autres ont lu. L'arrivée d'un message est toujours confirmée."},
    {Say::receipts_usage, "Please write /receipts on or /receipts off.",
     "Veuillez écrire /receipts on ou /receipts off."},
    {Say::state_with_server, "   (kept by the server for {0})",
     "   (gardé par le serveur pour {0})"},
    {Say::state_delivered, "   (delivered to {0})", "   (remis à {0})"},
    {Say::state_read, "   (read by {0})", "   (lu par {0})"},
    {Say::state_failed, "   (NOT delivered to {0})", "   (NON remis à {0})"},
    {Say::history_empty, "No messages yet.", "Pas encore de messages."},
    {Say::found_nothing, "Nothing found.", "Rien trouvé."},
    {Say::members_empty, "Nobody found.", "Personne."},
    {Say::server_online, "-- connected to the server --", "-- connecté au serveur --"},
    {Say::server_offline, "-- server unreachable; Sotto goes on trying, direct links still work --",
     "-- serveur injoignable ; Sotto continue d'essayer, les liens directs restent --"},
    {Say::server_refused, "-- the server refuses us, or is not the one this profile knows --",
     "-- le serveur nous refuse, ou n'est pas celui que ce profil connaît --"},
    {Say::profile_damaged, "The profile cannot be opened.", "Le profil ne peut pas être ouvert."},
    {Say::too_long, "This line is too long. Nothing was sent.",
     "Cette ligne est trop longue. Rien n'a été envoyé."},
    {Say::not_utf8, "This line is not UTF-8 text. Nothing was sent.",
     "Cette ligne n'est pas du texte UTF-8. Rien n'a été envoyé."},
    {Say::too_busy, "Too much is waiting. Nothing was sent; try again.",
     "Trop de choses attendent. Rien n'a été envoyé ; réessayez."},
    {Say::failed, "Not done: {0}.", "Non fait : {0}."},
    {Say::wait_seconds, "Try again in {0} s.", "Réessayez dans {0} s."},
    {Say::you, "you", "vous"},
    {Say::unsupported, "[a newer Sotto is needed to show this]",
     "[il faut un Sotto plus récent pour montrer ceci]"},
    {Say::notice_put_back,
     "-- an older copy of this profile was put back; messages with {0} since then may be missing "
     "--",
     "-- une copie plus ancienne de ce profil a été remise ; des messages avec {0} peuvent manquer "
     "--"},
    {Say::notice_damaged,
     "-- what was stored about {0}'s devices was damaged and is being fetched again; the "
     "conversation is complete --",
     "-- ce qui était enregistré sur les appareils de {0} était abîmé, on le redemande ; la "
     "conversation est complète --"},
    {Say::notice_missing,
     "-- messages of {0} that have not arrived, though later ones have: {1}; ask {0} to send them "
     "again --",
     "-- messages de {0} qui ne sont pas arrivés, bien que d'autres écrits après le soient : {1} ; "
     "demandez à {0} de les renvoyer --"},
    {Say::notice_list_withheld,
     "-- the server keeps back a newer device list of {0}: a device {0} has removed may still be "
     "written to; ask {0} by another way before you write something private --",
     "-- le serveur retient une nouvelle liste d'appareils de {0} : un appareil que {0} a retiré "
     "peut encore recevoir ; voyez {0} autrement avant d'écrire quelque chose de privé --"},
    {Say::notice_name_taken,
     "-- the server gives the name this contact uses to somebody else; it is not shown any more --",
     "-- le serveur donne le nom qu'emploie ce contact à quelqu'un d'autre ; il n'est plus montré "
     "--"},
    {Say::password_explained,
     "This changes the password of your account on the server. The passphrase that opens this "
     "profile stays as it is; where both are one, \"/password both\" changes both. An empty line "
     "changes nothing.",
     "Ceci change le mot de passe de votre compte sur le serveur. La phrase secrète qui ouvre ce "
     "profil reste ; si les deux sont identiques, « /password both » change les deux. Une ligne "
     "vide ne change rien."},
    {Say::both_explained,
     "This changes the password of your account on the server, then the passphrase that opens this "
     "profile, which must be the same now. An empty line changes nothing.",
     "Ceci change le mot de passe de votre compte sur le serveur, puis la phrase secrète qui ouvre "
     "ce profil ; les deux doivent être identiques maintenant. Une ligne vide ne change rien."},
    {Say::ask_old_account_password,
     "The account's password so far: ", "Mot de passe actuel du compte : "},
    {Say::ask_new_account_password,
     "The account's new password: ", "Nouveau mot de passe du compte : "},
    {Say::password_as_before, "Nothing was changed.", "Rien n'a été changé."},
    {Say::password_changed,
     "The account's password is changed. The passphrase of this profile is the same as before.",
     "Le mot de passe du compte est changé. La phrase secrète de ce profil reste la même."},
    {Say::both_changed, "The account's password and the passphrase of this profile are changed.",
     "Le mot de passe du compte et la phrase secrète de ce profil sont changés."},
    {Say::notice_device_added, "-- {0} has added devices: {1}; the safety number stays the same --",
     "-- {0} a ajouté des appareils : {1} ; le numéro de sécurité reste le même --"},
    {Say::notice_device_held,
     "-- {0} has added devices: {1}; nothing goes to them or comes from them until you type "
     "/devices {0} --",
     "-- {0} a ajouté des appareils : {1} ; rien n'y va ni n'en vient avant que vous ne tapiez "
     "/devices {0} --"},
    {Say::notice_device_removed,
     "-- {0} has removed devices: {1}; nothing goes to them any more --",
     "-- {0} a retiré des appareils : {1} ; plus rien n'y va --"},
    {Say::notice_list_fork,
     "-- {0}'s account has signed two different device lists; somebody may have its key: ask {0} "
     "in "
     "person --",
     "-- le compte de {0} a signé deux listes d'appareils différentes ; quelqu'un a peut-être sa "
     "clé : demandez à {0} de vive voix --"},
    {Say::notice_list_expired,
     "-- {0}'s device list is out of date; what is open goes on, nothing new begins until {0}'s "
     "program signs a new list --",
     "-- la liste d'appareils de {0} est périmée ; ce qui est ouvert continue, rien de nouveau ne "
     "commence avant que le programme de {0} n'en signe une autre --"},
    {Say::notice_own_list_disputed,
     "-- {0} was given a list of your devices that you did not sign; somebody may have your "
     "account "
     "key, or {0}'s program is wrong: ask {0} in person --",
     "-- {0} a reçu une liste de vos appareils que vous n'avez pas signée ; quelqu'un a peut-être "
     "la clé de votre compte, ou le programme de {0} se trompe : demandez à {0} de vive voix --"},
    {Say::notice_own_list_behind,
     "-- {0} still has an older list of your devices; the server may keep yours back: tell {0} by "
     "another way --",
     "-- {0} a toujours une ancienne liste de vos appareils ; le serveur retient peut-être la "
     "vôtre "
     ": dites-le à {0} autrement --"},
    {Say::own_list_alarm,
     "!! Somebody else may be signing for your account: a list of your devices exists that this "
     "profile did not make. The line in a conversation says who has it; ask them in person. If it "
     "is true, only a new account is safe. /seen ends this warning.",
     "!! Quelqu'un d'autre signe peut-être pour votre compte : il existe une liste de vos "
     "appareils "
     "que ce profil n'a pas faite. La ligne dans une discussion dit qui l'a ; demandez-lui de vive "
     "voix. Si c'est vrai, seul un nouveau compte est sûr. /seen met fin à cet avertissement."},
    {Say::hold_is_on, "New devices of verified contacts wait until you type /devices NAME.",
     "Les nouveaux appareils des contacts vérifiés attendent que vous tapiez /devices NOM."},
    {Say::hold_is_off, "New devices of contacts are used at once.",
     "Les nouveaux appareils des contacts servent aussitôt."},
    {Say::goodbye, "Logged out.", "Déconnecté."},
}};

consteval bool is_in_order() {
    for (std::size_t i = 0; i < text_count; ++i) {
        if (static_cast<std::size_t>(texts[i].what) != i) return false;
    }
    return true;
}
static_assert(is_in_order(), "the table has every text once, in the order of the enumeration");

}  // namespace

Language language_of_environment() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        return std::string_view(value).starts_with("fr") ? Language::french : Language::english;
    }
    return Language::english;
}

std::string_view raw_text(Language language, Say what) {
    const Entry& entry = texts[static_cast<std::size_t>(what)];
    return language == Language::french ? entry.french : entry.english;
}

std::optional<std::string> say_notice(Language language, std::string_view text,
                                      std::string_view name) {
    const auto notice = parse_notice(text);
    if (!notice) return std::nullopt;
    const auto what = [&] {
        switch (notice->kind) {
            case NoticeKind::put_back:
                return Say::notice_put_back;
            case NoticeKind::damaged:
                return Say::notice_damaged;
            case NoticeKind::missing:
                return Say::notice_missing;
            case NoticeKind::list_withheld:
                return Say::notice_list_withheld;
            case NoticeKind::name_taken:
                return Say::notice_name_taken;
            case NoticeKind::device_added:
                return Say::notice_device_added;
            case NoticeKind::device_held:
                return Say::notice_device_held;
            case NoticeKind::device_removed:
                return Say::notice_device_removed;
            case NoticeKind::list_fork:
                return Say::notice_list_fork;
            case NoticeKind::list_expired:
                return Say::notice_list_expired;
            case NoticeKind::own_list_disputed:
                return Say::notice_own_list_disputed;
            case NoticeKind::own_list_behind:
                return Say::notice_own_list_behind;
        }
        return Say::unsupported;
    }();
    return say(language, what, {name, std::to_string(notice->count)});
}

std::string say(Language language, Say what, std::initializer_list<std::string_view> values) {
    const std::string_view text = raw_text(language, what);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_place = text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}';
        const auto index = is_place ? static_cast<std::size_t>(text[i + 1] - '0') : values.size();
        if (index < values.size()) {
            out += *(values.begin() + index);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace sotto::peer::cli

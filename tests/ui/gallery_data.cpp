#include "gallery_data.hpp"

#include <array>
#include <cstdio>

namespace sotto::ui::gallery {

std::vector<Person> people() {
    using enum Presence;
    return {
        {"Élodie Marchand", "😂😂😂", "08:47", online, 0},
        {"Александр Пушкин", "À demain ! 😴", "09:07", offline, 0},
        {"Γιώργος", "See you at the station", "10:10", away, 3},
        {"田中 太郎", "Файл получил, спасибо", "11:48", away, 0},
        {"Bob", "OK 👌🏼", "12:30", online, 0},
        {"Équipe infra 🚀", "Vous : ping ?", "13:18", away, 120},
        {"محمد", "شكرا", "14:00", offline, 0},
        {"Carol Danvers", "The build is green ✅", "15:09", online, 0},
        {"Dave", "...", "16:39", offline, 0},
        {"Erin O'Neil", "À demain ! 😴", "17:31", online, 1},
        {"Françoise Lefèvre", "D'accord, à lundi", "Mon", offline, 0},
        {"שרה לוי", "תודה רבה", "Mon", away, 0},
        {"Nguyễn Thị Hương", "Hẹn gặp lại", "Sun", offline, 0},
    };
}

std::vector<Message> conversation() {
    using enum Delivery;
    return {
        {.text = "Καλημέρα σε όλους — η αποστολή ολοκληρώθηκε ✅", .time = "09:42", .mine = false},
        {.text =
             "漢字と仮名のテスト。これは長い日本語の文章なので、行の折り返しが正しく動くかどうかを"
             "確認できます。한국어도 됩니다 🇯🇵🇰🇷",
         .time = "10:15",
         .mine = true},
        {.text = "مرحبا! كيف حالك اليوم؟ الاجتماع في الساعة 14:30 في Paris.",
         .time = "08:01",
         .mine = false,
         .day = "Today"},
        {.text = "שלום, הכל בסדר (ראה README.md) 🙂",
         .time = "08:03",
         .mine = true},
        {.text = "नमस्ते दुनिया · สวัสดีครับ · Tiếng Việt · fi ligature, AVATAR kerning",
         .time = "08:04",
         .mine = false},
        {.text = "2.5 MB · PDF", .time = "08:30", .mine = false, .file = "rapport-audit-2024.pdf"},
        {.text = "Merci, je regarde ça. Lien : https://example.org/spec#section-4 et la famille "
                 "👨‍👩‍👧‍👦 vous embrasse ❤️",
         .time = "08:44",
         .mine = true,
         .delivery = delivered,
         .last_of_group = false},
        {.text = "62% of 0.8 MB",
         .time = "08:45",
         .mine = true,
         .delivery = sent,
         .last_of_group = false,
         .file = "capture d'écran.png",
         .progress = 0.62F},
        {.text = "À tout à l'heure 👋🏻🏳️‍🌈",
         .time = "08:46",
         .mine = true,
         .delivery = sent},
        {.text = "😂😂😂", .time = "08:47", .mine = false},
        {.text = "Hi 👍🏽", .time = "08:47", .mine = true, .delivery = waiting},
        {.text = "Ce message n'est pas parti", .time = "08:48", .mine = true, .delivery = failed},
    };
}

std::vector<Message> long_conversation(std::size_t count) {
    constexpr std::array<const char*, 8> texts{
        "Bonjour, tout va bien ?",
        "Yes. The build is green and the release notes are ready, please have a look when you can.",
        "Да, конечно, я посмотрю сегодня вечером",
        "👍🏽",
        "See https://example.org/some/long/path?with=query#and-fragment for the details; it is "
        "longer than one line of this window, so that it must wrap somewhere near its middle.",
        "ok",
        "Können wir das auf morgen verschieben? Ich bin heute unterwegs und erst spät zurück 😴",
        "これは長い日本語の文章です。",
    };
    std::vector<Message> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::array<char, 16> time{};
        std::snprintf(time.data(), time.size(), "%02zu:%02zu", i / 60 % 24, i % 60);
        const std::size_t pick = i * 2654435761U % texts.size();
        Message m;
        m.text = std::string(texts[pick]) + " #" + std::to_string(i);
        m.time = time.data();
        m.mine = i * 40503U / 7 % 3 == 0;
        m.last_of_group = i % 3 == 0;
        out.push_back(std::move(m));
    }
    return out;
}

}  // namespace sotto::ui::gallery

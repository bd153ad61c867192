#include "support/driver.hpp"
#include "ui/chat_input.hpp"
#include "ui/widgets.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <string_view>
#include <thread>

namespace {

using namespace sotto::ui;

// A small form: two one-line fields, a password, a composer, a button.
class InputTest : public ::testing::Test {
protected:
    InputTest()
        : window_(Window::open({.width = 500, .height = 500, .fixed_time = true}).window),
          driver_(*window_, [this](Kit& kit) { draw(kit); }) {}

    void draw(Kit& kit) {
        const auto at = [](float y) { ImGui::SetCursorScreenPos({20, y}); };
        at(20);
        name_.draw(kit, "name", 300, {.placeholder = "Name"});
        at(80);
        password_.draw(kit, "password", 300, {.placeholder = "Password"});
        at(140);
        const InputResult result =
            composer_.draw(kit, "composer", 300, {.placeholder = "Message", .multiline = true});
        height_ = result.height;
        if (result.submitted) {
            sent_.push_back(composer_.text());
            composer_.buffer().clear();
        }
        at(400);
        clicks_ += button(kit, "go", "Go", {}) ? 1 : 0;
    }

    void play(std::string_view script) {
        for (const std::string& failure : driver_.run(script)) {
            ADD_FAILURE() << failure;
        }
    }

    std::unique_ptr<Window> window_;
    ChatInput name_{64};
    ChatInput password_{64, Secrecy::secret};
    ChatInput composer_;
    std::vector<std::string> sent_;
    float height_ = 0.0F;
    int clicks_ = 0;
    sotto::ui::testing::Driver driver_;
};

TEST_F(InputTest, TypingEnterAndNewLine) {
    play(R"(
        click input:Message
        type "Bonjour 😀"
        key Shift+Enter
        type "שלום"
        key Ctrl+Enter
        type "end"
        expect_value input:Message "Bonjour 😀\nשלום\nend"
        key Enter
        expect_value input:Message ""
    )");
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0], "Bonjour 😀\nשלום\nend");
}

TEST_F(InputTest, GrowsToSevenLines) {
    play("click input:Message");
    const float one = height_;
    for (int i = 0; i < 10; ++i) {
        driver_.key("Shift+Enter");
    }
    EXPECT_NEAR(height_, one + 6 * 21, 1.0F);
    play("key Ctrl+A\nkey Delete");
    EXPECT_EQ(height_, one);
}

TEST_F(InputTest, EditingKeys) {
    play(R"(
        click input:Message
        type "one two three"
        key Ctrl+Backspace
        expect_value input:Message "one two "
        key Ctrl+Left
        key Ctrl+Delete
        expect_value input:Message "one  "
        key Home
        type ">"
        key End
        type "<"
        expect_value input:Message ">one  <"
        key Ctrl+Z
        key Ctrl+Z
        expect_value input:Message "one  "
        key Ctrl+Y
        expect_value input:Message ">one  "
    )");
}

TEST_F(InputTest, ClipboardAndSelection) {
    play(R"(
        click input:Message
        type "copy this 👨‍👩‍👧‍👦 please"
        key Shift+Ctrl+Left
        key Shift+Left
        key Shift+Left
        key Ctrl+X
        expect_clip "👨‍👩‍👧‍👦 please"
        expect_value input:Message "copy this "
        key Ctrl+V
        key Ctrl+V
        expect_value input:Message "copy this 👨‍👩‍👧‍👦 please👨‍👩‍👧‍👦 please"
        key Ctrl+A
        key Ctrl+C
        key Right
        paste "!\r\nnext"
        expect_value input:Message "copy this 👨‍👩‍👧‍👦 please👨‍👩‍👧‍👦 please!\nnext"
    )");
}

TEST_F(InputTest, ArrowsFollowTheDirection) {
    play(R"(
        click input:Message
        type "אבג"
        key Right
        type "x"
        expect_value input:Message "אבxג"
    )");
}

TEST_F(InputTest, UpAndDownKeepTheColumn) {
    play(R"(
        click input:Message
        type "abcdef"
        key Shift+Enter
        type "ab"
        key Shift+Enter
        type "abcdef"
        key Left
        key Up
        key Up
        type "|"
        expect_value input:Message "abcde|f\nab\nabcdef"
        key Up
        type "^"
        expect_value input:Message "^abcde|f\nab\nabcdef"
    )");
}

TEST_F(InputTest, WhatIsComposedIsNotSent) {
    play(R"(
        click input:Message
        type "so "
        preedit "にほんご"
        expect_value input:Message "so "
        key Enter
        key Backspace
        expect_value input:Message "so "
        type "日本語"
        expect_value input:Message "so 日本語"
        key Enter
    )");
    EXPECT_EQ(sent_, std::vector<std::string>{"so 日本語"});
}

TEST_F(InputTest, TabGoesThroughTheFieldsInOrder) {
    // All in one go, as a password manager types: nothing may land in the wrong field.
    play("click input:Name");
    for (const char* word : {"alice", "\t", "secret", "\t", "hi"}) {
        if (*word == '\t') {
            SDL_Event event{};
            for (const Uint32 type : {SDL_KEYDOWN, SDL_KEYUP}) {
                event.type = type;
                event.key.state = type == SDL_KEYDOWN ? SDL_PRESSED : SDL_RELEASED;
                event.key.keysym.sym = SDLK_TAB;
                SDL_PushEvent(&event);
            }
            continue;
        }
        for (const char* c = word; *c != '\0'; ++c) {
            SDL_Event event{};
            event.type = SDL_TEXTINPUT;
            event.text.text[0] = *c;
            SDL_PushEvent(&event);
        }
    }
    driver_.frames(30);
    EXPECT_EQ(name_.text(), "alice");
    EXPECT_EQ(password_.text(), "secret");
    EXPECT_EQ(composer_.text(), "hi");
}

TEST_F(InputTest, PasswordsStayInside) {
    SDL_SetClipboardText("before");
    play(R"(
        click password:Password
        type "hunter2 é"
        key Ctrl+A
        key Ctrl+C
        key Ctrl+X
        expect_clip "before"
        expect_value password:Password ""
    )");
    EXPECT_EQ(password_.text(), "hunter2 é");
    play("paste \"pasted\\nsecond line\"");
    EXPECT_EQ(password_.text(), "pasted");
    EXPECT_EQ(driver_.tree().json().find("pasted"), std::string::npos);
}

// What SDL gives back to the heap is looked at in the moment before.
struct FreedMemory {
    static inline std::string needle;  // empty: nobody is looking
    static inline int readable = 0;
    static void free(void* memory) {
        if (memory != nullptr && !needle.empty()) {
            const std::string_view block(static_cast<const char*>(memory),
                                         ::malloc_usable_size(memory));
            readable += block.find(needle) != std::string_view::npos ? 1 : 0;
        }
        std::free(memory);
    }
};

TEST_F(InputTest, APastedPasswordIsNotLeftInTheMemoryThatSdlGivesBack) {
    SDL_malloc_func allocate = nullptr;
    SDL_calloc_func zeroed = nullptr;
    SDL_realloc_func resize = nullptr;
    SDL_free_func release = nullptr;
    SDL_GetMemoryFunctions(&allocate, &zeroed, &resize, &release);
    ASSERT_EQ(SDL_SetMemoryFunctions(std::malloc, std::calloc, std::realloc, FreedMemory::free), 0);
    SDL_SetClipboardText("correct horse battery");
    play("click password:Password");
    FreedMemory::needle = "correct horse";
    play("key Ctrl+V");
    FreedMemory::needle.clear();
    EXPECT_EQ(SDL_SetMemoryFunctions(allocate, zeroed, resize, release), 0);
    EXPECT_EQ(password_.text(), "correct horse battery");
    EXPECT_EQ(FreedMemory::readable, 0);
}

TEST_F(InputTest, OneLineTakesNoLineFeeds) {
    play(R"(
        click input:Name
        paste "two\nlines"
        expect_value input:Name "two lines"
        paste "this text is longer than the sixty-four bytes that are allowed here"
        expect_value input:Name "two lines"
    )");
}

TEST_F(InputTest, MouseSelectsWordsAndRanges) {
    play(R"(
        click input:Message
        type "alpha beta"
        double_click 50 160
        key Ctrl+C
        expect_clip "alpha"
        drag 36 160 200 160
        key Ctrl+C
        expect_clip "alpha beta"
    )");
}

TEST_F(InputTest, AButtonCanBeUsedWhileWriting) {
    play(R"(
        click input:Message
        type "draft"
        click button:Go
        expect_value input:Message "draft"
    )");
    EXPECT_EQ(clicks_, 1);
}

TEST_F(InputTest, AStillPictureIsNotPresented) {
    play(R"(
        click input:Message
        type "hello"
        expect_idle
    )");
    driver_.frames(5);
    EXPECT_FALSE(driver_.last().presented);
    EXPECT_EQ(driver_.last().render.pixels_redrawn, 0U);
}

TEST_F(InputTest, OneCharacterRedrawsALittle) {
    play("click input:Message\ntype \"hello\"\nsettle");
    SDL_Event event{};
    event.type = SDL_TEXTINPUT;
    event.text.text[0] = 'o';
    SDL_PushEvent(&event);
    driver_.frames(1);
    EXPECT_TRUE(driver_.last().presented);
    EXPECT_LE(driver_.last().render.pixels_redrawn, 4U * 64 * 64);
}

TEST_F(InputTest, PicturesAreEqualFromRunToRun) {
    play("click input:Message\ntype \"héllo 😀 שלום\"\nsettle");
    const auto first = window_->picture();
    play("key Ctrl+A\nkey Delete\ntype \"héllo 😀 שלום\"\nsettle");
    EXPECT_EQ(window_->picture().pixels, first.pixels);
}

TEST(Window, WakesFromAnotherThreadAndCloses) {
    const auto window = Window::open({.width = 200, .height = 200, .fixed_time = true}).window;
    ASSERT_NE(window, nullptr);
    int frames = 0;
    std::atomic<bool> arrived{false};
    std::thread other;
    window->run([&](Kit&) {
        ++frames;
        if (frames == 4) {
            // By now the loop sleeps for an hour unless somebody wakes it.
            other = std::thread([&] {
                arrived = true;
                window->wake();
            });
        }
        if (arrived && frames > 4) {
            window->quit();
        } else if (frames == 3) {
            window->wake();
        }
    });
    other.join();
    EXPECT_TRUE(arrived);
    EXPECT_LT(frames, 12);
}

TEST(Window, SaysWhyItCannotOpen) {
    ::setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
    const OpenedWindow opened = Window::open({});
    ::setenv("SDL_VIDEODRIVER", "dummy", 1);
    EXPECT_EQ(opened.window, nullptr);
    EXPECT_FALSE(opened.error.empty());
}

TEST(Window, ThemeAndScaleChangeAtRunTime) {
    const auto window =
        Window::open({.width = 200, .height = 200, .theme = ThemeChoice::dark, .fixed_time = true})
            .window;
    const auto draw = [](Kit& kit) {
        ImGui::GetWindowDrawList()->AddRectFilled({0, 0}, {200, 200}, kit.c().page);
    };
    window->frame(draw);
    EXPECT_TRUE(window->kit().theme.dark);
    EXPECT_EQ(window->picture().pixels[0], 0xFF0E1116U);
    window->set_theme(ThemeChoice::light);
    window->set_scale(2.0F, 1.0F);
    window->frame(draw);
    EXPECT_EQ(window->picture().pixels[0], 0xFFF4F6FAU);
    EXPECT_EQ(window->kit().px(10), 20.0F);
    EXPECT_EQ(window->kit().theme.body().size, 30.0F);
}

TEST(DisplayScale, ReadsXResources) {
    EXPECT_EQ(xft_dpi("*color: red\nXft.dpi:\t144\nXft.antialias: 1\n"), 144.0F);
    EXPECT_EQ(xft_dpi("Xft.dpi: 96"), 96.0F);
    EXPECT_EQ(xft_dpi("Xft.dpi: none"), std::nullopt);
    EXPECT_EQ(xft_dpi(""), std::nullopt);
}

}  // namespace

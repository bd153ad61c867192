#include "ui/edit_buffer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using namespace sotto::ui;

void type(EditBuffer& buffer, std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t next = next_grapheme(text, at);
        EXPECT_TRUE(buffer.insert(text.substr(at, next - at)));
        at = next;
    }
}

TEST(EditBuffer, EmojiAreAtoms) {
    EditBuffer buffer(1000);
    type(buffer, "a👨‍👩‍👧‍👦b");
    buffer.move_backward(Select::no);
    buffer.erase_backward();
    EXPECT_EQ(buffer.text(), "ab");
    EXPECT_EQ(buffer.caret(), 1U);
    buffer.undo();
    EXPECT_EQ(buffer.text(), "a👨‍👩‍👧‍👦b");
    buffer.move_to(5, Select::no);  // inside the family: before it
    EXPECT_EQ(buffer.caret(), 1U);
    buffer.erase_forward();
    EXPECT_EQ(buffer.text(), "ab");
}

TEST(EditBuffer, TypingJoinsAtACaretBetweenMarks) {
    EditBuffer buffer(1000);
    ASSERT_TRUE(buffer.insert("e"));
    ASSERT_TRUE(buffer.insert("\u0301"));  // becomes part of the letter before
    buffer.erase_backward();
    EXPECT_EQ(buffer.text(), "");
}

TEST(EditBuffer, UndoGoesWordByWord) {
    EditBuffer buffer(1000);
    type(buffer, "one two");
    buffer.undo();
    EXPECT_EQ(buffer.text(), "one ");
    buffer.undo();
    EXPECT_EQ(buffer.text(), "");
    EXPECT_FALSE(buffer.can_undo());
    buffer.redo();
    buffer.redo();
    EXPECT_EQ(buffer.text(), "one two");
    EXPECT_FALSE(buffer.can_redo());
}

TEST(EditBuffer, UndoRestoresTheSelection) {
    EditBuffer buffer(1000);
    ASSERT_TRUE(buffer.insert("hello world"));
    buffer.select_word_at(7);
    EXPECT_EQ(buffer.selected(), "world");
    type(buffer, "x");
    EXPECT_EQ(buffer.text(), "hello x");
    buffer.undo();
    EXPECT_EQ(buffer.text(), "hello world");
    EXPECT_EQ(buffer.selected(), "world");
}

TEST(EditBuffer, SelectionIsReplacedAndMovesCollapse) {
    EditBuffer buffer(1000);
    ASSERT_TRUE(buffer.insert("abcdef"));
    buffer.move_to(1, Select::no);
    buffer.move_to(4, Select::extend);
    EXPECT_EQ(buffer.selected(), "bcd");
    buffer.move_forward(Select::no);
    EXPECT_EQ(buffer.caret(), 4U);
    EXPECT_FALSE(buffer.has_selection());
    buffer.select_all();
    ASSERT_TRUE(buffer.insert("Z"));
    EXPECT_EQ(buffer.text(), "Z");
}

TEST(EditBuffer, Words) {
    EditBuffer buffer(1000);
    ASSERT_TRUE(buffer.insert("alpha beta gamma"));
    buffer.erase_word_backward();
    EXPECT_EQ(buffer.text(), "alpha beta ");
    buffer.move_word_backward(Select::no);
    EXPECT_EQ(buffer.caret(), 6U);
    buffer.erase_word_forward();
    EXPECT_EQ(buffer.text(), "alpha  ");
}

TEST(EditBuffer, ControlsAndBrokenBytesAreNotTaken) {
    EditBuffer buffer(1000);
    ASSERT_TRUE(buffer.insert("a\x01\x1B[31m\tb\xFF\nc"));
    EXPECT_EQ(buffer.text(), "a[31m b\nc");
}

TEST(EditBuffer, WhatDoesNotFitIsRefusedWhole) {
    EditBuffer buffer(8);
    ASSERT_TRUE(buffer.insert("12345678"));
    EXPECT_FALSE(buffer.insert("é"));
    EXPECT_EQ(buffer.text(), "12345678");
    buffer.select_all();
    EXPECT_TRUE(buffer.insert("ok"));  // the selection makes room
}

TEST(EditBuffer, SecretKeepsNothing) {
    EditBuffer buffer(64, Secrecy::secret);
    ASSERT_TRUE(buffer.insert("correct horse"));
    const char* memory = buffer.text().data();
    buffer.select_all();
    EXPECT_EQ(buffer.selected(), "");
    EXPECT_FALSE(buffer.can_undo());
    ASSERT_TRUE(buffer.insert("battery"));
    EXPECT_EQ(buffer.text().data(), memory);  // never moved
    EXPECT_EQ(std::string(memory, 13), std::string("battery") + std::string(6, '\0'));
    buffer.erase_word_backward();
    EXPECT_EQ(buffer.text(), "");
    EXPECT_EQ(std::string(memory, 13), std::string(13, '\0'));
    EXPECT_FALSE(buffer.insert(std::string(65, 'x')));
}

TEST(EditBuffer, RandomEditsUndoToTheBeginning) {
    std::mt19937 random(11);  // NOLINT: the same edits in every run
    const std::string parts[] = {"a", " ", "é", "👍🏽", "שלום", "word ", "\n"};
    EditBuffer buffer(4000);
    for (int i = 0; i < 200; ++i) {
        switch (random() % 6) {
            case 0:
                buffer.erase_backward();
                break;
            case 1:
                buffer.erase_forward();
                break;
            case 2:
                buffer.move_to(random() % (buffer.text().size() + 1), Select::no);
                break;
            case 3:
                buffer.move_to(random() % (buffer.text().size() + 1), Select::extend);
                break;
            default:
                ASSERT_TRUE(buffer.insert(parts[random() % std::size(parts)]));
                break;
        }
    }
    const std::string end(buffer.text());
    int steps = 0;
    for (; buffer.can_undo(); ++steps) {
        buffer.undo();
    }
    EXPECT_EQ(buffer.text(), "");
    for (int i = 0; i < steps; ++i) {
        buffer.redo();
    }
    EXPECT_EQ(buffer.text(), end);
}

}  // namespace

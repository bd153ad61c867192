// The text of an input box and everything the keyboard can do to it; no pixels.
//
// Caret and selection always stand on grapheme cluster borders, so an emoji is one step and one
// deletion. Undo groups typing into words. A secret buffer (password) never reallocates, keeps no
// undo, answers nothing to copy or cut, and is overwritten when it shrinks, is cleared or dies.
// Pure but for memory; ui thread.
#pragma once

#include "ui/segment.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::ui {

enum class Secrecy : bool { open, secret };
enum class Select : bool { no, extend };

class EditBuffer {
public:
    // Further text is refused (and insert() says so), never cut in the middle of a character.
    explicit EditBuffer(std::size_t bytes_max, Secrecy secrecy = Secrecy::open);
    ~EditBuffer();
    EditBuffer(const EditBuffer&) = delete;
    EditBuffer& operator=(const EditBuffer&) = delete;

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] bool secret() const { return secrecy_ == Secrecy::secret; }
    [[nodiscard]] std::size_t caret() const { return caret_; }
    [[nodiscard]] TextSpan selection() const;
    [[nodiscard]] bool has_selection() const { return caret_ != anchor_; }
    [[nodiscard]] std::string_view selected() const;                  // empty for a secret
    [[nodiscard]] std::size_t revision() const { return revision_; }  // changes with the text

    void set_text(std::string_view text);  // caret to the end; undo forgets
    void clear() { set_text({}); }

    // Replaces the selection. Control characters but line feeds are dropped; nothing changes when
    // it does not fit.
    bool insert(std::string_view text);
    void erase_backward();  // the selection, else one cluster
    void erase_forward();
    void erase_word_backward();
    void erase_word_forward();
    void erase_selection();

    void move_to(std::size_t offset, Select select);
    void move_forward(Select select);  // logical order
    void move_backward(Select select);
    void move_word_forward(Select select);
    void move_word_backward(Select select);
    void select_all();
    void select_word_at(std::size_t offset);

    [[nodiscard]] bool can_undo() const { return !undo_.empty(); }
    [[nodiscard]] bool can_redo() const { return !redo_.empty(); }
    void undo();
    void redo();

private:
    struct Change {
        std::size_t at = 0;
        std::string removed;
        std::string inserted;
        std::size_t caret_before = 0;
        std::size_t anchor_before = 0;
    };
    bool replace(std::size_t begin, std::size_t end, std::string_view with);
    void remember(Change change);
    void apply(const Change& change, bool forward);
    void wipe_unused();
    [[nodiscard]] std::size_t snap(std::size_t offset) const;

    std::string text_;
    std::size_t bytes_max_;
    Secrecy secrecy_;
    std::size_t caret_ = 0;
    std::size_t anchor_ = 0;
    std::size_t revision_ = 0;
    bool typing_ = false;  // the next insertion may join the last change
    std::vector<Change> undo_;
    std::vector<Change> redo_;
};

}  // namespace sotto::ui

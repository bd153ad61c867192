// What was typed and not sent, while the vault is locked.
//
// A lock must be quick and must never cost a person's words, so drafts survive it: in guarded
// memory, neither on the screen nor on the disk, and they come back only when the same account is
// unlocked. See docs/decisions/0070. Ui thread.
#pragma once

#include "crypto/secret.hpp"
#include "ui/ui_state.hpp"

#include <map>
#include <optional>

namespace sotto::ui {

class KeptDrafts {
public:
    // Copies the drafts of all conversations, refused and unanswered messages included. The
    // originals are the caller's to wipe.
    void keep(const UiState& ui, const AccountId& owner);
    // Puts them back; somebody else's are wiped.
    void give_back(UiState& ui, const AccountId& owner);
    [[nodiscard]] bool empty() const { return drafts_.empty(); }

private:
    void add(const AccountId& account, std::string_view text);

    std::optional<AccountId> owner_;
    std::map<AccountId, crypto::SecureBuffer> drafts_;
};

}  // namespace sotto::ui

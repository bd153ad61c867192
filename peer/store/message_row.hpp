// Reading a message from the view shown_messages, whose columns stand in the order used here.
#pragma once

#include "peer/model.hpp"
#include "peer/store/database.hpp"

namespace sotto::peer::store {

/// The message in the current row of `SELECT * FROM shown_messages ...`.
[[nodiscard]] Message message_at(Rows& rows);

/// Columns that are looked at before the whole message is read.
inline constexpr int message_row_column = 0;
inline constexpr int message_kind_column = 4;
inline constexpr int message_text_column = 5;
/// Columns of the view: what a query selects besides starts here.
inline constexpr int message_columns = 11;

}  // namespace sotto::peer::store

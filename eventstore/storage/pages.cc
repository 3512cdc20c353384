#include "eventstore/storage/pages.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"

namespace taus::storage {
namespace {

bool before(ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); }
bool same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }
Bytes owned(ByteView v) { return {v.begin(), v.end()}; }

void add_row(Bytes& page, ByteView key, ByteView value) {
  Writer(page).u8(static_cast<std::uint8_t>(key.size())).raw(key).u32(static_cast<std::uint32_t>(value.size())).raw(value);
}

}  // namespace

bool read_page(ByteView page, const std::function<bool(ByteView, ByteView)>& visit) {
  Reader in(page);
  while (in.remaining() > 0) {
    const ByteView key = in.raw(in.u8());
    const ByteView value = in.raw(in.u32());
    if (!in.ok()) return false;
    if (!visit(key, value)) return true;
  }
  return true;
}

Error damaged_page() {
  return {ErrorCode::corrupt, "a page of the journal is damaged: restore the store from a backup and tell the auditors"};
}

Result<void> PageWriter::put(ByteView key, ByteView value) {
  TAUS_CHECK(key.size() <= paged_key_bytes_max);
  if (last_ && !before(*last_, key)) return change(key, value);
  if (open_ && open_->rows.size() + value.size() > page_bytes_max) close();
  if (!open_) {
    open_.emplace(Page{.key = owned(key), .rows = {}});
    open_->rows.reserve(page_bytes_max);
  }
  add_row(open_->rows, key, value);
  if (!last_) last_.emplace();
  last_->assign(key.begin(), key.end());
  return {};
}

Result<void> PageWriter::erase(ByteView key) {
  if (!last_ || before(*last_, key)) return {};
  return change(key, std::nullopt);
}

const PageWriter::Changes& PageWriter::finish() {
  close();
  return changes_;
}

void PageWriter::close() {
  if (open_) changes_[open_->key] = std::move(open_->rows);
  open_.reset();
}

Result<std::optional<PageWriter::Page>> PageWriter::page_of(ByteView key) const {
  std::optional<Page> found;
  for (auto at = changes_.upper_bound(owned(key)); at != changes_.begin() && !found;) {
    --at;
    if (at->second) found.emplace(Page{.key = at->first, .rows = *at->second});
  }
  TAUS_TRY(before_(key, [&](ByteView name, ByteView rows) {
    if (found && before(name, found->key)) return false;
    if (changes_.contains(owned(name))) return true;
    found.emplace(Page{.key = owned(name), .rows = owned(rows)});
    return false;
  }));
  return found;
}

// A row among those that are there already: its page is written anew.
Result<void> PageWriter::change(ByteView key, std::optional<ByteView> value) {
  close();
  TAUS_TRY_ASSIGN(const std::optional<Page> page, page_of(key));
  Bytes first = page ? page->key : owned(key);
  if (!page && !value) return {};
  Bytes rows;
  bool placed = !value;
  const auto add = [&](ByteView name, ByteView content) {
    if (!rows.empty() && rows.size() + content.size() > page_bytes_max)
      keep(std::exchange(first, owned(name)), std::exchange(rows, {}));
    add_row(rows, name, content);
  };
  const bool whole = !page || read_page(page->rows, [&](ByteView name, ByteView content) {
    if (!placed && !before(name, key)) {
      add(key, *value);
      placed = true;
    }
    if (!same(name, key)) add(name, content);
    return true;
  });
  if (!whole) return damaged_page();
  if (!placed) add(key, *value);
  keep(first, std::move(rows));
  return {};
}

void PageWriter::keep(const Bytes& first, Bytes rows) {
  changes_[first] = rows.empty() ? std::nullopt : std::optional<Bytes>(std::move(rows));
}

}  // namespace taus::storage

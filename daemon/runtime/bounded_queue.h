// A queue between two threads, with a limit. The only mutex in the product.
//
// Threads: any number; each item goes to one consumer. kick() is for a queue with one.
// Full:    try_push refuses and leaves the item with its owner; push waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace taus::runtime {

enum class Pushed : unsigned char { queued, full, closed };

template <class T>
class BoundedQueue {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Moves from `item` only where it returns queued.
  Pushed try_push(T& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return Pushed::closed;
      if (items_.size() >= capacity_) return Pushed::full;
      items_.push_back(std::move(item));
    }
    filled_.notify_one();
    return Pushed::queued;
  }

  // Waits for room. closed: the item was not taken.
  Pushed push(T& item) {
    {
      std::unique_lock lock(mutex_);
      emptied_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
      if (closed_) return Pushed::closed;
      items_.push_back(std::move(item));
    }
    filled_.notify_one();
    return Pushed::queued;
  }

  // Moves up to `most` items to the end of `out`; waits for one until `deadline` (nothing: for ever), a kick or closing.
  // false: closed and empty.
  bool pop(std::vector<T>& out, std::size_t most, Deadline deadline = std::nullopt) {
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return closed_ || kicked_ || !items_.empty(); };
      if (deadline)
        filled_.wait_until(lock, *deadline, ready);
      else
        filled_.wait(lock, ready);
      kicked_ = false;
      if (items_.empty()) return !closed_;
      for (std::size_t n = 0; n < most && !items_.empty(); ++n) {
        out.push_back(std::move(items_.front()));
        items_.pop_front();
      }
    }
    emptied_.notify_all();
    return true;
  }

  // As pop, without waiting.
  void try_pop(std::vector<T>& out, std::size_t most) { pop(out, most, std::chrono::steady_clock::time_point::min()); }

  // Makes a waiting or the next pop return, with or without items.
  void kick() {
    {
      const std::lock_guard lock(mutex_);
      kicked_ = true;
    }
    filled_.notify_one();
  }

  // Refuses what comes from now on; what is there can still be popped.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
    emptied_.notify_all();
  }

  [[nodiscard]] bool empty() const {
    const std::lock_guard lock(mutex_);
    return items_.empty();
  }

  [[nodiscard]] bool full() const {
    const std::lock_guard lock(mutex_);
    return items_.size() >= capacity_;
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::deque<T> items_;
  bool closed_ = false;
  bool kicked_ = false;
};

}  // namespace taus::runtime

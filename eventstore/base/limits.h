// Every bound of taus, by name. Each has a test of its refusal.
#pragma once

#include <cstddef>
#include <cstdint>

namespace taus::limits {

// Socket (docs/PROTOCOL.md).
inline constexpr std::size_t frame_segments_max = 16;
inline constexpr std::size_t frame_bytes_max = 1 << 20;
inline constexpr std::size_t frame_bytes_first_max = 4096;  // before a connection's first valid request
inline constexpr int nesting_levels_max = 12;
inline constexpr std::size_t requests_in_flight_max = 256;  // per connection
inline constexpr std::size_t connections_max = 1024;        // per daemon
inline constexpr std::size_t reply_bytes_max = 16 << 20;    // queued on one connection
inline constexpr int frame_seconds_max = 5;                 // from a frame's first byte to its last

// Requests.
inline constexpr std::size_t name_bytes_max = 200;
inline constexpr std::size_t email_bytes_max = 254;  // RFC 5321 4.5.3.1.3
inline constexpr std::size_t phone_bytes_max = 20;
inline constexpr std::size_t text_bytes_max = 16 << 10;
inline constexpr std::size_t body_bytes_max = 64 << 10;
inline constexpr std::size_t list_items_max = 64;
inline constexpr std::size_t request_id_bytes_max = 64;
inline constexpr std::size_t purpose_bytes_max = 500;
inline constexpr int appointment_minutes_max = 12 * 60;
inline constexpr int find_results_max = 50;
inline constexpr std::size_t find_letters_min = 2;  // of a name: one letter would show half of the register
inline constexpr int timeline_entries_max = 10'000;
inline constexpr std::size_t feed_events_max = 256;      // told by one answer
inline constexpr std::size_t feed_positions_max = 1024;  // looked at for one answer
inline constexpr int age_years_max = 120;
inline constexpr std::size_t disclosures_max = 64;    // that one client agrees to
inline constexpr std::size_t trace_lines_max = 2000;  // kept of read logs that went before their time
inline constexpr int group_participants_max = 1000;
inline constexpr std::size_t slots_published_max = 500;             // by one command
inline constexpr std::size_t slots_ahead_max = 5000;                // of one counsellor
inline constexpr std::size_t open_inquiries_max = 16;               // of one client
inline constexpr std::size_t open_appointments_max = 32;            // of one client; a withdrawal cancels them by one command
inline constexpr std::size_t inquiries_shown_max = 200;             // by one list, those that wait longest first
inline constexpr std::size_t matches_shown_max = 200;               // by one list, the earliest bookings first
inline constexpr std::size_t open_requests_max = 16;                // to the rights desk, of one client
inline constexpr std::size_t snapshot_piece_bytes_max = 160 << 10;  // one event
inline constexpr std::size_t snapshot_pieces_max = 60;              // of the one command that takes them

// Journal.
inline constexpr std::size_t parts_per_event_max = 16;
inline constexpr std::size_t part_bytes_max = 256 << 10;  // plaintext of one part
inline constexpr std::size_t events_per_command_max = 64;
inline constexpr int dedupe_days = 7;
inline constexpr std::size_t request_index_eras_max = 256;  // known without asking the disk: 32 million events, 192 MiB

// Vault.
inline constexpr std::size_t replicas_max = 8;
inline constexpr int replica_seconds_max =
    5;  // from a batch to its confirmation; then the replica is silent, and shreds are pending
inline constexpr int replica_copy_seconds_max = 60;  // without progress, of a copy as a whole
inline constexpr int purge_days_max = 90;
inline constexpr std::size_t shreds_at_once_max = 200;         // requests carried out in one step; more are prepared in chunks
inline constexpr std::size_t shreds_per_run_max = 1 << 18;     // requests carried out by one new root; others wait for the next
inline constexpr std::size_t chunk_keys = 1000;                // after so many keys the next begins
inline constexpr int escrow_days_max = 366;                    // of one period
inline constexpr std::uint64_t escrow_steps_max = 1ULL << 24;  // generations of one period

// Runtime.
inline constexpr std::size_t core_queue_max = 4096;
inline constexpr std::size_t history_questions_max = 256;  // that wait for a reading of the whole history
inline constexpr std::size_t commit_queue_max =
    1;  // beside the one being sealed: what else is staged grows, and is sealed, meanwhile
inline constexpr std::size_t sealed_queue_max = 8;       // beside the one being written, which takes all of them next
inline constexpr std::size_t batch_commands_max = 1024;  // commands in one group commit
inline constexpr std::size_t turn_commands_max = 256;    // carried out in a row before what they staged is on its way to the disk

// JSON.
inline constexpr std::size_t json_bytes_max = 1 << 20;
inline constexpr int json_depth_max = 16;

}  // namespace taus::limits

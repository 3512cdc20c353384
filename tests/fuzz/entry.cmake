taus_fuzz(fuzz_entry fuzz_entry.cc "taus_journal;taus_storage")

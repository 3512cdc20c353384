taus_fuzz(fuzz_vault fuzz_vault.cc "taus_tausctl;taus_vault")

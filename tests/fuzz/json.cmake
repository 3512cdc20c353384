taus_fuzz(fuzz_json fuzz_json.cc "taus_api;taus_schema")
taus_fuzz(fuzz_part fuzz_part.cc "taus_schema")

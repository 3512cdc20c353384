taus_fuzz(fuzz_frame fuzz_frame.cc taus_protocol)
taus_fuzz(fuzz_request fuzz_request.cc "taus_service;taus_policy;taus_eventstore;taus_protocol")

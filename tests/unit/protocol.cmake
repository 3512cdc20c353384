find_package(rapidcheck REQUIRED)
taus_test(protocol_test SOURCES protocol_frame_test.cc protocol_message_test.cc protocol_split_test.cc
  LIBS taus_protocol rapidcheck)

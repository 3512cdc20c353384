taus_test(net_test SOURCES net_session_test.cc LIBS taus_net)

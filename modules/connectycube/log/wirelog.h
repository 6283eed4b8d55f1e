/**
 * @file log/wirelog.h  Messages as they come and go: in log and flight files
 */

void wirelog_set_trace(bool sip, bool cloud);
void wirelog_set_flight(bool on);

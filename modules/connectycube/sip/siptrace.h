/**
 * @file sip/siptrace.h  SIP messages as they come and go
 */

int  siptrace_init(void);
bool siptrace_take(void);
void siptrace_close(void);

/**
 * @file log/callids.h  Which call is it? By Call-ID or session id
 *
 *   events --> callids.c --> the call's number in lines of the log
 *
 * What is told of a call by those who know its number not: SIP and the cloud
 * have ids of their own for its parties. An event tells both.
 */

int  callids_init(void);
void callids_close(void);
uint32_t callids_find(const struct pl *id);

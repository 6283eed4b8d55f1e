/**
 * @file connectycube_hub/alarm/mail.h  Alarms are told by mail
 *
 *   live model --> mail.c --> letter.c        (loop)
 *                    '--> sendmail's input    (thread, child process)
 */

struct json_t;

int  alarmmail_start(const char *to, const char *program, uint32_t every);
void alarmmail_stop(void);

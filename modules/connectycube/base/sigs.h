/**
 * @file base/sigs.h  Signals that do not end the process
 *
 * SIGHUP is handed to the loop; SIGUSR1 and SIGUSR2, which would end a process
 * that has no use for them, are left alone. SIGTERM and SIGINT are libre's.
 */

/** SIGHUP has come; on libre's loop */
typedef void (sigs_hup_h)(void *arg);

int  sigs_hold(void);
int  sigs_init(sigs_hup_h *huph, void *arg);
void sigs_close(void);

/**
 * @file base/sigs.h  Signals that do not end the process, or not at once
 *
 * SIGHUP is handed to the loop; SIGUSR1 and SIGUSR2, which would end a process
 * that has no use for them, are left alone. SIGINT is libre's, and so is
 * SIGTERM unless somebody asks for it, who has sigs_end() then.
 */

/** SIGHUP, or SIGTERM, has come; on libre's loop */
typedef void (sigs_hup_h)(void *arg);

int  sigs_hold(void);
int  sigs_init(sigs_hup_h *huph, void *arg);
int  sigs_take_term(sigs_hup_h *termh);
void sigs_end(void);
void sigs_close(void);

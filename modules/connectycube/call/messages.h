/**
 * @file call/messages.h  Texts between phones and apps, and notes of calls
 */

struct ext;
struct bcall;
struct bridge_config;

/* messages.c */
int  messages_init(const struct bridge_config *cfg);
void messages_attach(struct ext *ext);
void bridge_messages_close(void);

/* missed.c */
int  missed_init(const struct bridge_config *cfg);
void missed_declined(const struct bcall *bc, const char *user);
void missed_close(void);

/**
 * @file call/transfer_dial.h  Whom a party is transferred to, and how to reach it
 */

struct referto;

/* transfer_dial.c */
uint16_t transfer_by_phone(struct leg *from, const struct referto *to,
			   const char *by, const struct transfer_order *order,
			   const char **reasonp);
int  transfer_by_console(struct bcall *bc, enum event_side side,
			 const char *target, const char **reasonp);
uint16_t transfer_to_sip(struct leg *from, const struct referto *to,
			 const char *by, const struct transfer_order *order,
			 const char **reasonp);
uint16_t transfer_to_user(struct leg *from, const char *id,
			  const struct transfer_order *order,
			  const char **reasonp);

/**
 * @file office/place.h  Where an office is, and the office of this machine
 *
 * Begins with cli.h.
 */

#define OFFICE_ETC "/etc/connectycube-bridge"
#define OFFICE_STATE "/var/lib/connectycube-bridge"
#define OFFICE_HUB "/var/lib/connectycube-hub"

struct office;

int  office_path(char *path, size_t size, const struct cli_args *a,
		 const char *name);
int  office_load(struct office **op, const struct cli_args *a);

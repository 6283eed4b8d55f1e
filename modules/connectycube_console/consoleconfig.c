/**
 * @file connectycube_console/consoleconfig.c  Where the console listens
 *
 * Pure.
 */
#include <stddef.h>
#include <re.h>
#include "config/confget.h"
#include "console.h"


#define AT(field) CFG_IN(struct console_config, field)

static const struct cfg_key keyv[] = {

	/* PATH; default: PROFILE/console.sock */
	{"connectycube_console_socket", CFG_STR, AT(socket),
	 .place = "console.sock", .h = cfg_check_socket},
};

static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), NULL};


static void destructor(void *data)
{
	struct console_config *cfg = data;

	mem_deref(cfg->socket);
}


static const struct cfg_area *const areav[] = {&area};

static const struct cfg_module module = {
	"connectycube_console_", areav, ARRAY_SIZE(areav),
	sizeof(struct console_config), destructor, CFG_REST_NO
};


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int console_config_read(struct console_config **cfgp, const char *profile)
{
	return cfg_module_read(cfgp, &module, profile);
}


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *console_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}

/**
 * @file connectycube_console/host/console.c  baresip's commands, for the console
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "connectycube_console/console.h"


static struct console *console;


static int print_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


static int run_handler(struct mbuf *mb, const char *line, void *arg)
{
	struct re_printf pf = {print_handler, mb};
	(void)arg;

	return cmd_process_long(baresip_commands(), line, strlen(line), &pf,
				NULL);
}


/**
 * Listen for commands
 *
 * @param cfg  Configuration
 * @param why  Set to why it cannot
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int console_start(const struct console_config *cfg, char *why, size_t size)
{
	return console_alloc(&console, cfg->socket, run_handler, NULL, why,
			     size);
}


/**
 * Listen no more
 */
void console_stop(void)
{
	console = mem_deref(console);
}

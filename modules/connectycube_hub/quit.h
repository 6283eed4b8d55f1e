/**
 * @file connectycube_hub/quit.h  The process ends: nobody is waited for
 */

void hub_quit(bool quit);
bool hub_quitting(void);

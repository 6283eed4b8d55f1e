/**
 * @file office/run.h  Other programs are run
 */

struct mbuf;
struct pl;

int run_program(int *code, char *const argv[], const struct pl *input);
int run_output(int *code, char *const argv[], struct mbuf *mb);

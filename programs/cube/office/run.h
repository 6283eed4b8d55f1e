/**
 * @file office/run.h  Other programs are run
 */

struct pl;

int run_program(int *code, char *const argv[], const struct pl *input);

// What Debian's packages are made of, without making them (`make test-deb` does):
// one version number of CHANGELOG.md and git, debian/changelog out of CHANGELOG.md,
// and each file that is installed in exactly one package.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync,
	statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';

let dir;

before(() => {
	dir = mkdtempSync(`${tmpdir()}/packages-`);
});

after(() => rmSync(dir, { recursive: true, force: true }));

// --- version ------------------------------------------------------------------

/** A tree with a changelog and, with git, commits and tags. */
class Tree {
	constructor(name, git = true) {
		this.path = `${dir}/${name}`;
		mkdirSync(`${this.path}/contrib`, { recursive: true });
		cpSync(`${REPO}/contrib/version`, `${this.path}/contrib/version`);
		if (git) this.git('init', '-q');
	}

	git(...words) {
		const date = '2026-11-30T20:15:30+02:00';

		return execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x',
			'-c', 'init.defaultBranch=x', ...words], { cwd: this.path,
			encoding: 'utf8', env: { ...process.env,
				GIT_CONFIG_GLOBAL: '/dev/null', GIT_COMMITTER_DATE: date,
				GIT_AUTHOR_DATE: date } }).trim();
	}

	changelog(...headings) {
		writeFileSync(`${this.path}/CHANGELOG.md`,
			['# Changelog', ...headings].map((one) => `${one}\n\n`).join(''));
		return this;
	}

	commit() {
		this.git('add', '-A');
		this.git('commit', '-qm', 'x', '--allow-empty');
		this.hash = this.git('rev-parse', 'HEAD').slice(0, 6);
		return this;
	}

	version(...words) {
		return execFileSync(`${this.path}/contrib/version`, words,
			{ encoding: 'utf8' }).trim();
	}
}

const UNRELEASED = '## [0.9.0] - Unreleased';
const RELEASED = '## [0.9.0] - 2026-12-01';

test('a version before its release, at it, and after it', () => {
	const tree = new Tree('git').changelog(UNRELEASED).commit();
	const commit = () => `261130181530.${tree.hash}`;

	assert.equal(tree.version(), `0.9.0~${commit()}`);
	assert.equal(tree.version('--time'), '1796062530');
	tree.changelog(RELEASED);
	assert.equal(tree.version(), `0.9.0~${commit()}+dirty`);
	tree.commit();
	assert.equal(tree.version(), `0.9.0~${commit()}`, 'no tag yet');
	tree.git('tag', 'v0.9.0');
	assert.equal(tree.version(), '0.9.0');
	tree.commit();
	assert.equal(tree.version(), `0.9.0+${commit()}`);
	tree.changelog('## [Unreleased]', RELEASED).commit();
	assert.equal(tree.version(), `0.9.0+${commit()}`);
	tree.changelog('## [0.10.0] - Unreleased', RELEASED).commit();
	assert.equal(tree.version(), `0.10.0~${commit()}`);
});

test('versions sort as they came', () => {
	const order = ['0.8.0', '0.9.0~261130181530.ffffff',
		'0.9.0~261130181531.000000', '0.9.0', '0.9.0+261201000000.ffffff',
		'0.9.0+261202000000.000000', '0.10.0~261202000000.000000']
		.flatMap((one) => [`${one}-1~deb12u1`, `${one}-1~deb13u1`]);

	for (let i = 1; i < order.length; i++)
		execFileSync('dpkg', ['--compare-versions', order[i - 1], 'lt',
			order[i]]);
});

test('a version without git: of what was exported, else of the changelog', () => {
	const tree = new Tree('export', false).changelog(RELEASED);
	const script = `${tree.path}/contrib/version`;

	assert.equal(tree.version(), '0.9.0');
	tree.changelog(UNRELEASED);
	// as git archive fills it in
	writeFileSync(script, readFileSync(script, 'utf8').replace(
		/^archived=.*/m, `archived='1796062530 5987d4d8d0${'0'.repeat(30)}'`));
	assert.equal(tree.version(), '0.9.0~261130181530.5987d4');
	assert.equal(tree.version('--time'), '1796062530');
	writeFileSync(`${tree.path}/.version`, '0.9.1 42\n');
	assert.equal(tree.version(), '0.9.1');
	assert.equal(tree.version('--time'), '42');
	assert.match(readFileSync(`${REPO}/.gitattributes`, 'utf8'),
		/^contrib\/version export-subst$/m);
});

test('programs have the tree\'s version', () => {
	const version = readFileSync(`${REPO}/build/version`, 'utf8').trim();

	assert.match(version, /^\d+\.\d+\.\d+/);
	assert.equal(execFileSync(`${REPO}/build/cube`, ['--version'],
		{ encoding: 'utf8' }), `cube ${version} (ConnectyCube bridge)\n`);
});

// --- debian/changelog -----------------------------------------------------------

const debchangelog = (text) => spawnSync(`${REPO}/contrib/debchangelog`,
	['0.9.0', '1~deb12u1', 'bookworm', '1796062530', 'A B <a@b.example>'],
	{ input: text, encoding: 'utf8' });

test('debian/changelog out of CHANGELOG.md', () => {
	const { stdout, status } = debchangelog(`# Changelog

Words that are of no release.

## [0.9.0] - Unreleased

### Added
- One item, **with** [a link](docs/X.md) and a line that is so long that it has to be
  broken.

## [0.8.0] - 2026-01-02

Text.
`);

	assert.equal(status, 0);
	assert.equal(stdout, `connectycube-bridge (0.9.0-1~deb12u1) bookworm; urgency=medium

  * Added
    - One item, with a link and a line that is so long that it has to be
      broken.

 -- A B <a@b.example>  Mon, 30 Nov 2026 18:15:30 +0000

connectycube-bridge (0.8.0-1~deb12u1) bookworm; urgency=medium

  * Text.

 -- A B <a@b.example>  Fri, 02 Jan 2026 00:00:00 +0000
`);
});

test('debian/changelog: what is wrong is named', () => {
	const undated = debchangelog('## [2.0.0] - x\n\n- a\n\n## [1.0.0]\n\n- b\n');

	assert.notEqual(undated.status, 0);
	assert.match(undated.stderr, /CHANGELOG\.md:5: a release without a date/);

	const empty = debchangelog('# Changelog\n');

	assert.notEqual(empty.status, 0);
	assert.match(empty.stderr, /no release in it/);
});

test('our own CHANGELOG.md is one that dpkg reads', () => {
	const { stdout, status } = debchangelog(
		readFileSync(`${REPO}/CHANGELOG.md`, 'utf8'));

	assert.equal(status, 0);
	for (const line of stdout.split('\n'))
		assert.ok(Buffer.byteLength(line) <= 80 || !line.trim().includes(' '),
			line);
	assert.match(stdout, /^ -- A B <a@b\.example> {2}Mon, 30 Nov 2026 18:15:30 \+0000$/m);
});

// --- what is in which package -----------------------------------------------------

/** Paths of files below a folder. */
const filesIn = (top) => readdirSync(top, { recursive: true,
	withFileTypes: true }).filter((one) => !one.isDirectory())
	.map((one) => `${one.parentPath ?? one.path}/${one.name}`
		.slice(top.length + 1));

test('each file that is installed is in exactly one package', () => {
	const to = `${dir}/root`;
	const UNIT_PATH = '/usr/lib/systemd/system';

	execFileSync('make', ['-s', 'DEPS=no', `DESTDIR=${to}`, 'install',
		'install-systemd'], { cwd: REPO, stdio: ['ignore', 'ignore',
		'inherit'] });

	const wanted = readdirSync(`${REPO}/debian`)
		.filter((name) => name.endsWith('.install'))
		.flatMap((name) => readFileSync(`${REPO}/debian/${name}`, 'utf8')
			.split('\n').filter(Boolean)
			.map((line) => line.replace('${env:UNIT_PATH}', UNIT_PATH)
				.replace(/^\//, '')));
	const used = new Set();

	for (const file of filesIn(to)) {
		const by = wanted.filter((one) => file === one
			|| file.startsWith(`${one}/`));

		assert.equal(by.length, 1, `${file}: ${by.join(', ') || 'no package'}`);
		used.add(by[0]);
	}
	// what the libraries of this machine do not allow to be built
	const missing = wanted.filter((one) => !used.has(one)
		&& !/\/(connectycube_\w+|g729)\.so$|\/connectycube-recording/.test(one));

	assert.deepEqual(missing, []);
});

// debhelper puts the files of -doc where those of the package are that they are about
test('examples are where the documents say', () => {
	const examples = readFileSync(`${REPO}/debian/connectycube-bridge-doc.examples`, 'utf8')
		.split('\n').filter(Boolean);
	const there = new Set(examples.flatMap((path) => statSync(`${REPO}/${path}`).isDirectory()
		? filesIn(`${REPO}/${path}`).map((file) => `${basename(path)}/${file}`)
		: [basename(path)]));
	const said = readdirSync(`${REPO}/docs`).filter((name) => name.endsWith('.md'))
		.flatMap((name) => readFileSync(`${REPO}/docs/${name}`, 'utf8')
			.match(/\/usr\/share\/doc\/\S*\/examples\/[^\s)\`]+/g) ?? []);

	assert.ok(said.length);
	for (const path of said)
		assert.ok(there.has(path.replace('/usr/share/doc/connectycube-bridge/examples/', '')),
			path);
});

test('what is installed can be uninstalled', () => {
	const to = `${dir}/root`;

	execFileSync('make', ['-s', 'DEPS=no', `DESTDIR=${to}`, 'uninstall'],
		{ cwd: REPO, stdio: 'ignore' });
	assert.deepEqual(filesIn(to), []);
});

// --- scripts -------------------------------------------------------------------

test('what is removed ends: instances, and what hands on what others have left', () => {
	const bin = `${dir}/bin`;
	const script = `${dir}/prerm`;

	mkdirSync(bin);
	writeFileSync(script, readFileSync(`${REPO}/debian/connectycube-bridge.prerm`, 'utf8')
		.replaceAll('/run/systemd/system', dir));
	// those that there are, by the patterns that are asked for
	writeFileSync(`${bin}/systemctl`, '#!/bin/bash\nfor unit in connectycube-bridge@1.service'
		+ ' connectycube-bridge-left@2.service connectycube-hub.service; do\n'
		+ 'for pattern; do [[ $unit != $pattern ]] || echo "$unit loaded active"; done; done\n',
	{ mode: 0o755 });
	writeFileSync(`${bin}/deb-systemd-invoke`, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
	const run = (word) => execFileSync('sh', [script, word],
		{ encoding: 'utf8', env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });

	assert.deepEqual(run('remove').trim().split('\n'), ['stop connectycube-bridge.target',
		'stop connectycube-bridge@1.service', 'stop connectycube-bridge-left@2.service']);
	assert.equal(run('deconfigure'), '');
});

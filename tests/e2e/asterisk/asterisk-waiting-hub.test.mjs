// What asterisk-waiting.test.mjs looks at, by the hub's one link.

process.env.AMI_WAY = 'hub';
await import('./asterisk-waiting.test.mjs');

// What the page says, in English and Brazilian Portuguese.

const TEXTS = {
	en: {
		title: 'ConnectyCube bridge sandbox',
		login: 'Login',
		password: 'Password',
		logIn: 'Log in',
		offline: 'Offline',
		connecting: 'Connecting …',
		online: 'Online as {name}',
		dialLabel: 'Make a call',
		whom: 'Whom to call',
		extensionOf: '{name} (desk phone)',
		number: 'Another number instead of that phone',
		numberHint: 'optional, for example 1001',
		callAudio: 'Call',
		callVideo: 'Video call',
		callMe: 'Let the phone call me',
		callLabel: 'Call',
		accept: 'Answer',
		acceptVideo: 'Answer with camera',
		acceptAudio: 'Answer without camera',
		reject: 'Decline',
		mute: 'Mute',
		cameraOff: 'Camera off',
		hold: 'Hold',
		resume: 'Resume',
		keys: 'Keys',
		hangUp: 'Hang up',
		youHear: 'You hear',
		youSay: 'You say',
		remotePicture: 'Picture of the other side',
		localPicture: 'Your own picture',
		missedLabel: 'Missed calls',
		missedCall: '{time} {name}',
		log: 'What happened',
		technical: 'With technical details',
		calling: 'Calling …',
		ringing: 'is calling you …',
		ringingVideo: 'wants a video call …',
		'connecting-call': 'Connecting …',
		connected: 'Connected',
		held: 'You are on hold',
		holding: 'On hold: the other side hears music',
		holdFailed: 'Hold was refused: {reason}',
		interrupted: 'Connection lost, waiting …',
		user: 'User {id}',
		titleRinging: '{name} is calling',
		titleCall: '{name}: {time}',

		hintLogin: 'Log in as one of the sandbox\'s users, for example alice.',
		hintIdle: 'Choose whom to call. The desk phone answers by itself and'
			+ ' plays back what it hears: you will hear yourself, a moment'
			+ ' later. Or let the phone call you.',
		hintIdleNoPhone: 'Choose whom to call.',
		hintCalling: 'Wait until the other side answers. Esc ends the call.',
		hintRinging: 'Answer or decline. Esc declines.',
		hintTalking: 'Say something. Digits, * and # on your keyboard are sent'
			+ ' as keys; Esc hangs up.',
		hintInsecure: 'Browsers give the microphone only to localhost or HTTPS:'
			+ ' open this page on the machine that runs the sandbox, or'
			+ ' through a tunnel to it.',

		good: 'Good: {codec}, {loss} % lost, {rtt} ms',
		fair: 'Fair: {codec}, {loss} % lost, {rtt} ms',
		poor: 'Poor: {codec}, {loss} % lost, {rtt} ms',
		silent: 'Nothing comes from the other side',

		endHere: 'You hung up.',
		endThere: 'The other side hung up.',
		endRejectedHere: 'You declined.',
		endBusy: 'Busy.',
		endRejected: 'The call was declined{cause}.',
		endNoAnswer: 'Nobody answered.',
		endMissed: 'You missed a call.',
		endLost: 'The connection was lost.',
		endNoMedia: 'There was no microphone to use.',
		cause: ': {reason}',
		sip400: 'the phone system did not understand the call',
		sip403: 'this number is not allowed',
		sip404: 'there is no such number',
		sip408: 'the phone system does not answer',
		sip480: 'the phone cannot be reached',
		sip488: 'no codec in common',
		sip503: 'the phone system is out of order',
		sip603: 'they do not want to talk',

		loginRefused: 'Wrong login or password.',
		chatRefused: 'The chat server refused the login.',
		unreachable: 'The cloud cannot be reached.',
		noMicrophone: 'No microphone (or camera) to use: {reason}',
		phoneFailed: 'The phone could not call: {reason}',

		'log-chat-connecting': 'Logging in',
		'log-chat-online': 'Online',
		'log-chat-offline': 'Offline',
		'log-login-failed': 'The login failed',
		'log-incoming': 'Call from {name}',
		'log-incomingVideo': 'Video call from {name}',
		'log-call-calling': 'You call {name}',
		'log-call-ringing': 'It rings',
		'log-call-connecting': 'Answered, connecting',
		'log-call-connected': 'Connected',
		'log-call-interrupted': 'The connection is interrupted',
		'log-accept': '{name} answered',
		'log-reject': '{name} declined',
		'log-stop': '{name} hung up',
		'log-not-answer': 'Nobody answered',
		'log-remote-stream': 'Sound or picture arrives',
		'log-connection': 'Connection: {state}',
		'log-no-camera': 'No camera: the call goes on without',
		'log-no-media': 'No microphone',
		'log-close': 'The call is over',
	},
	'pt-BR': {
		title: 'Sandbox da ponte ConnectyCube',
		login: 'Usuário',
		password: 'Senha',
		logIn: 'Entrar',
		offline: 'Desconectado',
		connecting: 'Conectando …',
		online: 'Conectado como {name}',
		dialLabel: 'Fazer uma chamada',
		whom: 'Para quem ligar',
		extensionOf: '{name} (telefone de mesa)',
		number: 'Outro número em vez desse telefone',
		numberHint: 'opcional, por exemplo 1001',
		callAudio: 'Ligar',
		callVideo: 'Chamada de vídeo',
		callMe: 'Quero que o telefone me ligue',
		callLabel: 'Chamada',
		accept: 'Atender',
		acceptVideo: 'Atender com câmera',
		acceptAudio: 'Atender sem câmera',
		reject: 'Recusar',
		mute: 'Silenciar',
		cameraOff: 'Desligar câmera',
		hold: 'Pôr em espera',
		resume: 'Retomar',
		keys: 'Teclas',
		hangUp: 'Desligar',
		youHear: 'Você ouve',
		youSay: 'Você fala',
		remotePicture: 'Imagem do outro lado',
		localPicture: 'Sua própria imagem',
		missedLabel: 'Chamadas perdidas',
		missedCall: '{time} {name}',
		log: 'O que aconteceu',
		technical: 'Com detalhes técnicos',
		calling: 'Chamando …',
		ringing: 'está ligando para você …',
		ringingVideo: 'quer fazer uma chamada de vídeo …',
		'connecting-call': 'Conectando …',
		connected: 'Em chamada',
		held: 'Você está em espera',
		holding: 'Em espera: o outro lado ouve música',
		holdFailed: 'A espera foi recusada: {reason}',
		interrupted: 'Conexão perdida, aguardando …',
		user: 'Usuário {id}',
		titleRinging: '{name} está ligando',
		titleCall: '{name}: {time}',

		hintLogin: 'Entre como um dos usuários do sandbox, por exemplo alice.',
		hintIdle: 'Escolha para quem ligar. O telefone de mesa atende sozinho e'
			+ ' devolve o que ouve: você vai se ouvir, um instante depois.'
			+ ' Ou peça para o telefone ligar para você.',
		hintIdleNoPhone: 'Escolha para quem ligar.',
		hintCalling: 'Aguarde o outro lado atender. Esc encerra a chamada.',
		hintRinging: 'Atenda ou recuse. Esc recusa.',
		hintTalking: 'Diga alguma coisa. Dígitos, * e # do teclado são enviados'
			+ ' como teclas; Esc desliga.',
		hintInsecure: 'Navegadores só liberam o microfone para localhost ou'
			+ ' HTTPS: abra esta página na máquina que roda o sandbox, ou'
			+ ' por um túnel até ela.',

		good: 'Boa: {codec}, {loss} % de perda, {rtt} ms',
		fair: 'Razoável: {codec}, {loss} % de perda, {rtt} ms',
		poor: 'Ruim: {codec}, {loss} % de perda, {rtt} ms',
		silent: 'Nada chega do outro lado',

		endHere: 'Você desligou.',
		endThere: 'O outro lado desligou.',
		endRejectedHere: 'Você recusou.',
		endBusy: 'Ocupado.',
		endRejected: 'A chamada foi recusada{cause}.',
		endNoAnswer: 'Ninguém atendeu.',
		endMissed: 'Você perdeu uma chamada.',
		endLost: 'A conexão caiu.',
		endNoMedia: 'Não havia microfone disponível.',
		cause: ': {reason}',
		sip400: 'a central telefônica não entendeu a chamada',
		sip403: 'este número não é permitido',
		sip404: 'esse número não existe',
		sip408: 'a central telefônica não responde',
		sip480: 'o telefone está fora de alcance',
		sip488: 'nenhum codec em comum',
		sip503: 'a central telefônica está fora do ar',
		sip603: 'não querem atender',

		loginRefused: 'Usuário ou senha incorretos.',
		chatRefused: 'O servidor de chat recusou o acesso.',
		unreachable: 'Não foi possível alcançar a nuvem.',
		noMicrophone: 'Sem microfone (ou câmera): {reason}',
		phoneFailed: 'O telefone não conseguiu ligar: {reason}',

		'log-chat-connecting': 'Entrando',
		'log-chat-online': 'Conectado',
		'log-chat-offline': 'Desconectado',
		'log-login-failed': 'Não foi possível entrar',
		'log-incoming': 'Chamada de {name}',
		'log-incomingVideo': 'Chamada de vídeo de {name}',
		'log-call-calling': 'Você liga para {name}',
		'log-call-ringing': 'Tocando',
		'log-call-connecting': 'Atendida, conectando',
		'log-call-connected': 'Em chamada',
		'log-call-interrupted': 'A conexão foi interrompida',
		'log-accept': '{name} atendeu',
		'log-reject': '{name} recusou',
		'log-stop': '{name} desligou',
		'log-not-answer': 'Ninguém atendeu',
		'log-remote-stream': 'Som ou imagem chegando',
		'log-connection': 'Conexão: {state}',
		'log-no-camera': 'Sem câmera: a chamada continua sem ela',
		'log-no-media': 'Sem microfone',
		'log-close': 'Fim da chamada',
	},
};

/** The first of the browser's languages that the page has. */
const language = navigator.languages
	.map((name) => name.toLowerCase().split('-')[0])
	.map((name) => ({ en: 'en', pt: 'pt-BR' })[name])
	.find(Boolean) ?? 'en';
const texts = TEXTS[language];

export const hasText = (name) => name in texts;

export function text(name, values = {}) {
	return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
}

/** Fill in every element that asks for a text. */
export function translate(root) {
	root.lang = language;
	document.title = text('title');
	for (const element of root.querySelectorAll('[data-text]'))
		element.textContent = text(element.dataset.text);
	for (const element of root.querySelectorAll('[data-placeholder]'))
		element.placeholder = text(element.dataset.placeholder);
	for (const element of root.querySelectorAll('[data-label]'))
		element.setAttribute('aria-label', text(element.dataset.label));
}

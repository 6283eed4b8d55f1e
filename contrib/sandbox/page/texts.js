// What the page says, in English and Portuguese.

const TEXTS = {
	en: {
		title: 'ConnectyCube bridge sandbox',
		login: 'Login',
		password: 'Password',
		logIn: 'Log in',
		offline: 'Offline',
		connecting: 'Connecting …',
		online: 'Online as {name}',
		extension: 'Extension (user id)',
		number: 'Another number',
		numberHint: 'optional',
		callAudio: 'Call',
		callVideo: 'Video call',
		callMe: 'Let the phone call me',
		accept: 'Accept',
		reject: 'Reject',
		mute: 'Mute',
		hangUp: 'Hang up',
		log: 'What happened',
		calling: 'Calling …',
		ringing: 'Is calling you …',
		ringingVideo: 'Wants a video call …',
		'connecting-call': 'Connecting …',
		connected: 'Connected {time}',
		interrupted: 'Connection lost, waiting …',
		user: 'User {id}',
		loginRefused: 'Wrong login or password.',
		chatRefused: 'The chat server refused the login.',
		unreachable: 'The cloud cannot be reached.',
		noMicrophone: 'No microphone (or camera) to use: {reason}',
		rejected: 'Call rejected: {reason}',
		busy: 'Busy',
		noAnswer: 'No answer',
		phoneFailed: 'The phone could not call: {reason}',
	},
	pt: {
		title: 'Sandbox da ponte ConnectyCube',
		login: 'Usuário',
		password: 'Senha',
		logIn: 'Entrar',
		offline: 'Desconectado',
		connecting: 'Conectando …',
		online: 'Conectado como {name}',
		extension: 'Ramal (id do usuário)',
		number: 'Outro número',
		numberHint: 'opcional',
		callAudio: 'Ligar',
		callVideo: 'Chamada de vídeo',
		callMe: 'O telefone liga para mim',
		accept: 'Atender',
		reject: 'Recusar',
		mute: 'Silenciar',
		hangUp: 'Desligar',
		log: 'O que aconteceu',
		calling: 'Chamando …',
		ringing: 'Está ligando para você …',
		ringingVideo: 'Quer uma chamada de vídeo …',
		'connecting-call': 'Conectando …',
		connected: 'Em chamada {time}',
		interrupted: 'Conexão perdida, aguardando …',
		user: 'Usuário {id}',
		loginRefused: 'Usuário ou senha incorretos.',
		chatRefused: 'O servidor de chat recusou o acesso.',
		unreachable: 'Não foi possível alcançar a nuvem.',
		noMicrophone: 'Sem microfone (ou câmera): {reason}',
		rejected: 'Chamada recusada: {reason}',
		busy: 'Ocupado',
		noAnswer: 'Ninguém atendeu',
		phoneFailed: 'O telefone não conseguiu ligar: {reason}',
	},
};

const portuguese = navigator.language.toLowerCase().startsWith('pt');
const texts = portuguese ? TEXTS.pt : TEXTS.en;

export function text(name, values = {}) {
	return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** Fill in every element that asks for a text. */
export function translate(root) {
	root.lang = portuguese ? 'pt-BR' : 'en';
	for (const element of root.querySelectorAll('[data-text]'))
		element.textContent = text(element.dataset.text);
	for (const element of root.querySelectorAll('[data-placeholder]'))
		element.placeholder = text(element.dataset.placeholder);
}

// Where the page starts: what takes time on the way to the box first, then styles, theme and the application.

import './head-start.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/forms.css';
import './styles/live.css';
import './styles/recordings.css';
import './styles/player.css';
import './styles/pages.css';
import './styles/tuning.css';
import './styles/people.css';
import './styles/system.css';
import './styles/remote.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './parts/theme.ts';

applyTheme();
const root = document.getElementById('app');
if (root) {
  root.textContent = '';
  render(<App />, root);
}

"""A small web service around the lines of Python that docs/services.md shows (argument 2), on the port of argument 1."""

import json
import runpy
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port = int(sys.argv[1])
client = runpy.run_path(sys.argv[2])
sessions = {}


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        cookie = SimpleCookie(self.headers.get('Cookie', '')).get('service')
        key = cookie.value if cookie and cookie.value in sessions else secrets.token_urlsafe(16)
        session = sessions.setdefault(key, {})
        self.answer(key, *self.page(session, self.path.split('?')[0]))

    def page(self, session, path):
        if path == '/login':
            url, session['pending'] = client['begin']()
            return 302, url
        if path == '/callback':
            pending = session.pop('pending')
            session['token'], session['claims'] = client['finish'](f'http://localhost:{port}{self.path}', pending)
            return 302, '/'
        if path == '/refresh':
            session['token'] = client['refresh'](session['token'])
            return 302, '/'
        if path == '/logout':
            return 302, client['leave'](session.pop('token'))
        if path != '/' or 'token' not in session:
            return 401, json.dumps({})
        return 200, json.dumps({**session, 'userinfo': client['userinfo'](session['token'])})

    def answer(self, key, status, content):
        self.send_response(status)
        self.send_header('Set-Cookie', f'service={key}; HttpOnly; SameSite=Lax; Path=/')
        if status == 302:
            self.send_header('Location', content)
        self.send_header('Content-Type', 'application/json')
        self.end_headers()
        if status != 302:
            self.wfile.write(content.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(('localhost', port), Service)
print('ready', flush=True)
server.serve_forever()

import { login } from "niochat-client";
import { NioChatProvider } from "niochat-client/react";
import { useState } from "react";
import { server } from "../../shared/words.js";
import { Desk } from "./Desk.jsx";

export function App() {
  const [session, setSession] = useState(null);
  if (!session) return <Login onLogin={setSession} />;
  return (
    <NioChatProvider url={server()} {...session}>
      <Desk />
    </NioChatProvider>
  );
}

function Login({ onLogin }) {
  const [problem, setProblem] = useState("");

  const submit = (form) =>
    login(server(), { username: form.get("username"), password: form.get("password") }).then(onLogin, (refusal) =>
      setProblem(refusal.message),
    );

  return (
    <form className="login" action={submit}>
      <h1>NioChat</h1>
      <label>
        User
        <input name="username" defaultValue="agent" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" className="go">
        Log in
      </button>
      <p role="alert">{problem}</p>
    </form>
  );
}

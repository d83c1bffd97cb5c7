// Draws the imports around a concept from the tables that list them. Modules of one package stand
// together as one box until it is opened; the arrow keys go from box to box.
"use strict";
(() => {
  const ROLES = ["reader", "old path", "canonical", "dependency"];
  const HEADS = ["Readers", "Old paths", "Canonical", "What these import"];
  const WIDTH = 242, GAP = 72, HEIGHT = 26, STEP = 34, TOP = 34, MOST_BOXES = 14, MOST_LETTERS = 30;
  const box = document.getElementById("picture");
  const tables = [...document.querySelectorAll("details.graph")];
  if (!box || !tables.length) return;
  const canvas = box.querySelector(".canvas");
  const told = box.querySelector(".told");
  const chooser = document.getElementById("picture-of");
  const toRows = document.getElementById("picture-rows");

  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  // ---- what the tables say -------------------------------------------------------------------

  function read(details) {
    const modules = new Map(), edges = [];
    const enter = (name, role) => {
      if (!modules.has(name)) modules.set(name, { name, role, path: "" });
      return modules.get(name);
    };
    for (const { cells } of details.querySelector("tbody").rows) {
      const [from, role, to, itsRole, when, where] = [...cells].map((cell) => cell.textContent.trim());
      enter(from, role).path = where.replace(/:\d+$/, "");
      enter(to, itsRole);
      edges.push({ from, to, when });
    }
    return { name: details.dataset.name, modules, edges };
  }

  // Packages of such a depth that there are few enough of them; a single module stands for itself.
  function grouped(names) {
    const deepest = Math.max(1, ...names.map((name) => name.split(".").length - 1));
    for (let depth = deepest; depth > 0; depth -= 1) {
      const groups = new Map();
      for (const name of names) {
        const group = name.split(".").slice(0, depth).join(".");
        groups.set(group, [...(groups.get(group) ?? []), name]);
      }
      if (groups.size <= MOST_BOXES || depth === 1) return groups;
    }
    return new Map();
  }

  // ---- what is drawn of it -------------------------------------------------------------------

  let graph, opened, picked, boxes, links;

  function boxesOf(role) {
    const names = [...graph.modules.values()].filter((one) => one.role === role).map((one) => one.name);
    if (names.length <= MOST_BOXES) return names.map((name) => ({ id: name, name, role, members: [name] }));
    return [...grouped(names)].flatMap(([name, members]) => {
      if (members.length === 1) return [{ id: members[0], name: members[0], role, members }];
      const id = `${role}/${name}`, isOpen = opened.has(id);
      const group = { id, name, role, members: isOpen ? [] : members, size: members.length, isOpen };
      const inner = isOpen ? members.map((one) => ({ id: one, name: one, role, members: [one], isInner: true })) : [];
      return [group, ...inner];
    });
  }

  function layOut() {
    const columns = ROLES.map(boxesOf).filter((column) => column.length);
    const tallest = Math.max(...columns.map((column) => column.length));
    const boxOf = new Map();
    columns.forEach((column, x) => column.forEach((one, row) => {
      one.column = x;
      one.row = row;
      one.x = x * (WIDTH + GAP) + 8;
      one.y = TOP + (row + (tallest - column.length) / 2) * STEP;
      if (one.role === "canonical") one.y += STEP; // beside the old paths, not behind them
      one.members.forEach((name) => boxOf.set(name, one));
    }));
    links = new Map();
    for (const { from, to, when } of graph.edges) {
      const [a, b] = [boxOf.get(from), boxOf.get(to)];
      if (a === b) continue;
      const key = `${a.id}\n${b.id}`;
      const link = links.get(key) ?? { a, b, when, number: 0 };
      link.when = link.when === when ? when : "various";
      link.number += 1;
      links.set(key, link);
    }
    boxes = columns.flat();
    return { width: columns.length * (WIDTH + GAP) - GAP + 16, height: TOP + (tallest + 1) * STEP, columns };
  }

  const near = (one) => [...links.values()].filter(({ a, b }) => a === one || b === one);

  function sentence(one) {
    const into = near(one).filter(({ b }) => b === one).reduce((sum, link) => sum + link.number, 0);
    const out = near(one).filter(({ a }) => a === one).reduce((sum, link) => sum + link.number, 0);
    const what = one.size ? `${one.name}, ${count(one.size, "module")}` : one.name;
    return `${what}: ${one.role}; ${count(out, "import")} from it and ${into} of it in this picture.`;
  }

  function curve({ a, b }) {
    const [y1, y2] = [a.y + HEIGHT / 2, b.y + HEIGHT / 2];
    if (a.column === b.column) {
      const x = a.x + WIDTH;
      return `M${x} ${y1}C${x + 45} ${y1} ${x + 45} ${y2} ${x} ${y2}`;
    }
    const isForward = a.column < b.column;
    const [x1, x2] = isForward ? [a.x + WIDTH, b.x] : [a.x, b.x + WIDTH];
    const bend = isForward ? GAP / 2 : -GAP / 2;
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }

  function labelled(one) {
    const sign = one.size ? (one.isOpen ? "− " : "+ ") : one.isInner ? "· " : "";
    const end = one.size ? ` (${one.size})` : "";
    const room = MOST_LETTERS - sign.length - end.length;
    let shown = one.name;
    if (shown.length > room) {
      const cut = shown.slice(2 - room), dot = cut.indexOf(".");
      shown = `…${cut.slice(dot < 0 || dot > room / 2 ? 0 : dot)}`;
    }
    return sign + shown + end;
  }

  function drawn(one) {
    const element = svg("g", {
      class: `node ${one.role.replace(" ", "-")}${one.size ? " group" : ""}`,
      transform: `translate(${one.x} ${one.y})`, role: "button", tabindex: -1, "aria-label": sentence(one),
    },
      svg("title", {}, one.name),
      svg("rect", { width: WIDTH, height: HEIGHT, rx: 2 }),
      svg("text", { x: 10, y: 17 }, labelled(one)));
    element.setAttribute(one.size ? "aria-expanded" : "aria-pressed", String(one.size ? one.isOpen : picked === one.id));
    element.addEventListener("click", () => activate(one));
    element.addEventListener("focus", () => { told.textContent = sentence(one); });
    element.addEventListener("keydown", (event) => onKey(event, one));
    one.element = element;
    return element;
  }

  function draw(focused) {
    const { width, height, columns } = layOut();
    const heads = columns.map(([{ role, x }]) =>
      svg("text", { class: "head", x, y: 18 }, HEADS[ROLES.indexOf(role)]));
    const edges = [...links.values()].map((link) => {
      link.element = svg("path", { class: `edge when-${link.when}`, d: curve(link) });
      return link.element;
    });
    const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
      "aria-label": `Imports around ${graph.name}` }, ...heads, ...edges, ...boxes.map(drawn));
    canvas.replaceChildren(picture);
    mark();
    const target = boxes.find((one) => one.id === focused) ?? boxes.find((one) => one.role === "canonical") ?? boxes[0];
    target.element.setAttribute("tabindex", 0);
    if (focused) target.element.focus();
  }

  function mark() {
    const one = boxes.find(({ id }) => id === picked);
    canvas.firstChild.classList.toggle("chosen", Boolean(one));
    toRows.hidden = !one || !graph.modules.get(one.name)?.path;
    if (!one) return;
    one.element.classList.add("near", "picked");
    for (const { a, b, element } of near(one)) [a.element, b.element, element].forEach((part) => part.classList.add("near"));
    told.textContent = sentence(one);
  }

  // ---- what people do ------------------------------------------------------------------------

  function activate(one) {
    if (one.size) {
      opened.has(one.id) ? opened.delete(one.id) : opened.add(one.id);
    } else {
      picked = picked === one.id ? null : one.id;
    }
    draw(one.id);
  }

  function onKey(event, one) {
    const column = boxes.filter((other) => other.column === one.column);
    const linked = new Set(near(one).flatMap(({ a, b }) => [a, b]));
    const distance = (other) => Math.abs(other.column - one.column) * 1e5 + Math.abs(other.y - one.y);
    const beside = (step) => boxes
      .filter((other) => Math.sign(other.column - one.column) === step)
      .sort((a, b) => linked.has(b) - linked.has(a) || distance(a) - distance(b))[0];
    const moves = {
      ArrowDown: () => column[one.row + 1], ArrowUp: () => column[one.row - 1],
      ArrowRight: () => beside(1), ArrowLeft: () => beside(-1),
      Home: () => column[0], End: () => column.at(-1),
    };
    if (event.key === "Enter" || event.key === " ") {
      activate(one);
    } else if (event.key === "Escape") {
      picked = null;
      draw(one.id);
    } else if (moves[event.key]) {
      const target = moves[event.key]();
      if (target) {
        one.element.setAttribute("tabindex", -1);
        target.element.setAttribute("tabindex", 0);
        target.element.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  function choose() {
    graph = read(tables[chooser.selectedIndex]);
    [opened, picked] = [new Set(), null];
    draw();
  }

  toRows.addEventListener("click", () => {
    const search = document.querySelector("#consumer-rows input");
    search.value = graph.modules.get(boxes.find(({ id }) => id === picked).name).path;
    search.dispatchEvent(new Event("input", { bubbles: true }));
    search.focus();
  });
  chooser.append(...tables.map(({ dataset }) => new Option(dataset.name)));
  chooser.addEventListener("change", choose);
  box.hidden = false;
  choose();
})();
